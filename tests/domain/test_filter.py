"""The filter: every text means something or is refused with a sentence, and what it means is what it says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.errors import ValidationFailed
from imtui.domain.filter import INCIDENT_FIELDS, Field, Fields, Filter, Kind, complete, matches, parse
from imtui.domain.filter_completing import begin, completions, values_in
from imtui.domain.text import shown
from tests.domain.nasty import WORDS, texts

NOW = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)

CARDS: Mapping[str, Any] = {
    "": "#12 Card payments fail at the till",
    "status": "open",
    "impact": 2,
    "title": "Card payments fail at the till",
    "is": ("mine", "drill"),
    "who": ("ann", "Straße"),
    "plan": "payments",
    "tag": {"Team": "shop", "tier": "1", "a b": 'c "d"'},
    "for": 5400.0,
    "started": NOW - timedelta(minutes=90),
    "resolved": None,
    "number": 12,
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "card",
        "CARD TILL",
        "#12",
        '"card payments"',
        '!"payments card"',
        "nothing|till",
        "status:open",
        "status:o",
        "STATUS:Open",
        "status: open",
        "!status:resolved",
        "!!card",
        "impact:2",
        "impact:high",
        "impact:1|2",
        "impact:crit|hi",
        "impact:<=2",
        "impact:>critical",
        "impact:>=2 impact:<3",
        "!impact:no-impact",
        "title:pay",
        '!title:="card payments"',
        'title:="card payments fail at the till"',
        "is:mine",
        "is:silent|drill",
        "who:STRASSE",
        "who:=ann",
        "!who:=an",
        "tag:team",
        "tag:team=shop",
        "tag:team=web|shop",
        "tag:team=",
        '"tag":team|card',
        "!tag:team=web !tag:shop tag:tier=1",
        'tag:"a b"="c \\"d\\""',
        "for:>1h",
        "for:<2h",
        "for:1h",
        "for:1h30m",
        "for:90m",
        "!for:>1h30m",
        "for:>=1.5h",
        "for:<=1h30m",
        "started:today",
        "started:01:40",
        "started:24h",
        "started:<24h",
        "started:>1h",
        "!started:>2h",
        "started:2026",
        "started:2026-11",
        "started:2026-11-24",
        "started:2026-11-24T01:40",
        "started:2026-11-24T01:40:00Z",
        "started:<=2026-11-24",
        "!started:<2026-11-24",
        "!started:>2026-11-24",
        "started:>yesterday",
        "started:yesterday|today",
        "!resolved:today",
        "number:12 number:#12",
        "impact: status:open",
        "impact:",
        "!impact:<",
        "impact:1|2|",
        "!",
        '"',
        '""',
        "!silent !https://example.com/12 !arn:aws:ssm !03:10 !std::vector !db1:5432",
    ],
)
def test_what_is_meant_is_found(text: str) -> None:
    assert matches(parse(text, INCIDENT_FIELDS), CARDS, NOW)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("impakt:1", "did you mean impact?"),
        ("zzz:1", "There are status, impact, title"),
        ("impact:9", "within 1 and 5"),
        ("impact:severe", "critical, high"),
        ("impact: foo", "critical, high"),
        ("status:gone", "open, resolved"),
        ("is:!mine", "mine, silent"),
        ("for:3", "1h30m"),
        ("for:999999d", "hundred years"),
        ("number:x", "no number"),
        ("started:2026-02-30", "2026-03-01"),
        ("started:25:00", "2026-03-01"),
        ("started:soon", "2026-03-01"),
        ("started:9999", "2026-03-01"),
        ("tag:=shop", "key=value"),
        ("x" * 1001, "1000 characters"),
        ("x " * 9000, "1000 characters"),
        (" ".join(f"x{n}" for n in range(41)), "40 terms"),
    ],
)
def test_what_means_nothing_is_refused_with_a_way_out(text: str, said: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        parse(text, INCIDENT_FIELDS)
    assert said in str(refused.value)


def test_dates_are_those_of_the_person_who_looks() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-8)))
    assert not matches(parse("started:2026-11-24", INCIDENT_FIELDS), CARDS, there)
    assert matches(parse("started:2026-11-23", INCIDENT_FIELDS), CARDS, there)
    assert matches(parse("started:2026-11-24T01:40Z", INCIDENT_FIELDS), CARDS, there)


words = st.sampled_from(
    [
        *(f"{field.name}:" for field in INCIDENT_FIELDS),
        *("!", '"', "|", " ", "\\", "=", "<", "<=", ">=", ":", "/", "arn:", "\x00", "\ud800"),
        *(
            "1",
            "2",
            "critical",
            "no impact",
            "open",
            "mine",
            "1h",
            "24h",
            "2026-03-01",
            "today",
            "team",
            "team=shop",
            "card",
        ),
    ]
)
lines = st.lists(words | texts, max_size=12).map("".join) | texts
good = st.lists(words, max_size=8).map("".join)


@given(lines)
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    try:
        found = parse(text, INCIDENT_FIELDS)
    except ValidationFailed:
        return
    matches(found, CARDS, NOW)
    matches(found, {}, NOW)
    assert parse(found.text, INCIDENT_FIELDS) == found


@given(lines)
def test_any_text_can_be_completed(text: str) -> None:
    for candidate, _ in complete(text, INCIDENT_FIELDS, {"who": ["ann", "o'neil b", 'x"y', "日本語"]}):
        assert candidate


def _parsed(text: str) -> Filter:
    try:
        return parse(text, INCIDENT_FIELDS)
    except ValidationFailed:
        return Filter()


@given(good)
def test_inverting_a_term_lets_through_just_the_others(text: str) -> None:
    for term in _parsed(text):
        other = term._replace(negated=not term.negated)
        assert matches(Filter([term]), CARDS, NOW) is not matches(Filter([other]), CARDS, NOW)


@given(good, good)
def test_another_term_never_adds_matches(text: str, more: str) -> None:
    both = Filter([*_parsed(text), *_parsed(more)])
    assert not matches(both, CARDS, NOW) or matches(_parsed(text), CARDS, NOW)


def test_names_are_completed_then_choices_then_what_occurs() -> None:
    fields = Fields(Field("state", Kind.CHOICE, "h", ("sent", "kept here")), Field("to", Kind.TEXT, "who"))
    assert complete("", fields) == [("state:", "h"), ("to:", "who")]
    assert complete("x !st", fields) == [("!state:", "h")]
    assert complete("state:", fields) == [("state:sent", "h"), ("state:kept-here", "h")]
    assert complete("state:sent|k", fields) == [("state:sent|kept-here", "h")]
    assert complete("to:a", fields, {"to": ["ann", "Ab c", "bob"]}) == [("to:ann", "who"), ('to:"Ab c"', "who")]
    assert complete("state:sent", fields) == []
    assert complete("nothing", fields) == []


@given(good)
def test_a_completion_goes_on_from_what_was_typed(text: str) -> None:
    try:
        parse(text, INCIDENT_FIELDS)
    except ValidationFailed:
        return
    for candidate, _ in complete(text, INCIDENT_FIELDS):
        if not candidate.endswith(":"):
            assert parse(candidate, INCIDENT_FIELDS)


def test_the_line_is_completed_at_its_end_and_saved_filters_stand_in_for_their_names() -> None:
    saved = {"night": "is:silent impact:1", "web": "plan:web"}
    for line, found in (
        ("card sta", ["card status:", "card started:"]),
        ("card status: ", ["card status:open", "card status:resolved"]),
        ('"a b" !status:re', ['"a b" !status:resolved']),
        ("card @n", ["card is:silent impact:1"]),
        ("@", ["is:silent impact:1", "plan:web"]),
        ("@x", []),
        ("tag:te", ["tag:team", "tag:team=shop"]),
    ):
        values = values_in([{"tag": {"team": "shop"}}], INCIDENT_FIELDS)
        offered = completions(line, INCIDENT_FIELDS, values, saved)
        assert [line[: begin(line)] + word for word, _ in offered] == found
        assert all(hint for _, hint in offered)


@given(lines)
def test_a_line_is_completed_from_where_its_last_word_begins(text: str) -> None:
    for word, _ in completions(text, INCIDENT_FIELDS):
        line = text[: begin(text)] + word
        assert line.split()[:-2] == text.split()[: len(line.split()[:-2])]


def test_no_hidden_sign_is_put_into_the_line_that_one_types() -> None:
    values = values_in([{"who": word, "tag": {word: word}} for word in WORDS], INCIDENT_FIELDS)
    assert values["who"]
    assert all(shown(value) == value for found in values.values() for value in found)
    assert completions("@x", INCIDENT_FIELDS, {}, {"x": "a\x1b[31m"}) == [("a[31m", "saved as @x")]
