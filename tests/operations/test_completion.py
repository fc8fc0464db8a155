"""The `:` line knows how it may go on, says at once what is wrong, and never keeps anybody from what is right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.errors import ValidationFailed
from imtui.operations import OPERATIONS
from imtui.operations.arguments import parse_line
from imtui.operations.completion import matching, read, usage_of
from imtui.operations.existing import KINDS

FIRST = [
    "access-key",
    "ack",
    "audit",
    "channel",
    "contacts",
    "drill",
    "drill-report",
    "incident",
    "override",
    "rehearse",
    "schedule",
    "token",
    "user",
    "who",
    "ssm-incidents",
    "ssm-contacts",
    "cloudtrail",
]
INCIDENT = [
    *("engage", "hand-over", "list", "note", "page-again", "reopen", "resolve", "show", "start", "tag", "take"),
    "update",
]


@pytest.mark.parametrize(
    ("line", "offers", "names"),
    [
        ("", FIRST, ""),
        ("inc", ["incident"], ""),
        ("imtui inc", ["incident"], ""),
        ("incident ", INCIDENT, ""),
        ("incident re", ["reopen", "resolve"], ""),
        ("incident show ", [], "incident"),
        ("incident show 1", [], "incident"),
        ("incident engage 1 ", [], "contact or plan"),
        ("incident start ", ["--title", "--impact", "--token"], "response plan"),
        ("incident start web --t", ["--title", "--token"], ""),
        ("incident start web --title x ", ["--impact", "--token"], ""),
        ("incident start web --impact ", [], "impact"),
        ("incident start web -", ["--title", "--impact", "--token"], ""),
        ("incident list --status ", ["open", "resolved", "all"], ""),
        ("incident list --status o", ["open"], ""),
        ("incident list --status=o", [], ""),
        ("incident note 1 any", [], ""),
        ("channel send-code ana ", [], "channel"),
        ("channel ", ["activate", "deactivate", "list", "send-code", "test"], ""),
        ("contacts ", ["list", "tag", "vcard"], ""),
        ("token ", ["delete", "list"], ""),
        ("user ", ["attach-policy", "can", "create", "delete", "detach-policy", "list", "show"], ""),
        ("user detach-policy ana ", [], "policy of the user"),
        ("user create ana --policy ", [], "known policy"),
        ("access-key ", ["delete", "list"], ""),
        ("rehearse ", ["--at", "--ack", "--timeline"], "rehearsable"),
        ("rehearse web --ack ", [], "acknowledgement"),
        ("rehearse web --ack ana@5 --", ["--at", "--ack", "--timeline"], ""),
    ],
)
def test_what_may_come_next(line: str, offers: list[str], names: str) -> None:
    reading = read(line)
    assert reading.wrong == ""
    assert [text for text, _ in matching([], reading.offers, line)] == offers
    assert reading.names == names


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("x", "there is no 'x'"),
        ("incident x", "incident has no 'x'"),
        ("incident x 1", "incident has no 'x'"),
        ("incident show 1 2", "what is '2'?"),
        ("incident show 1 2 ", "what is '2'?"),
        ("incident list --nonsense", "incident list has no '--nonsense'"),
        ("incident list --nonsense x", "incident list has no '--nonsense'"),
        ("incident show --json", "it takes no options"),
        ("incident list --status x", "open, resolved, all, not 'x'"),
        ("incident list --status closed --limit 3", "open, resolved, all, not 'closed'"),
        ("incident list --limit many", "a whole number"),
        ("incident list --limit 0 ", "a whole number"),
        ("apply ", "there is no 'apply'"),
        ("token create", "token has no 'create'"),
    ],
)
def test_what_is_wrong_is_said_before_enter(line: str, wrong: str) -> None:
    assert wrong in read(line).wrong
    with pytest.raises(ValidationFailed):
        parse_line(line)


_WORDS = st.sampled_from(
    (
        *("incident", "show", "list", "note", "start", "update", "ack", "token", "channel", "imtui"),
        *("1", "web", "ana", "it is down", "'", "-", "--", "-1"),
        *("--status", "open", "--status=open", "--limit", "5", "--title"),
    )
)


@given(st.lists(_WORDS, max_size=7))
def test_nothing_is_called_wrong_that_would_be_done(words: list[str]) -> None:
    import shlex

    line = shlex.join(words)
    try:
        parse_line(line)
    except ValidationFailed:
        return
    assert read(line).wrong == ""
    assert read(f"{line} ").wrong == ""


def test_a_word_of_its_title_finds_an_incident_and_quotes_come_by_themselves() -> None:
    known = [("12", "Web shop is down"), ("21", "Search"), ("work mail", "ana@example.com")]
    assert [text for text, _ in matching(known, [], "incident show sh")] == ["12"]
    assert [text for text, _ in matching(known, [("2-words", "")], "incident show 2")] == ["21", "2-words"]
    assert [text for text, _ in matching(known, [], "channel activate ana 'work m")] == ["'work mail'"]


def test_a_line_that_was_copied_from_a_shell_is_understood() -> None:
    operation, values = parse_line("imtui incident show 12")
    assert (operation.name, values) == ("incident show", {"incident": "12"})


def test_what_pages_resolves_or_deletes_has_a_question() -> None:
    for operation in OPERATIONS:
        grave = operation.pages or operation.words[-1] in ("resolve", "reopen", "delete")
        if grave and not operation.shell_only:
            assert operation.question is not None, operation.name


def test_parameters_name_only_what_can_be_looked_up() -> None:
    for operation in OPERATIONS:
        assert {parameter.names for parameter in operation.parameters} <= KINDS | {""}, operation.name
        assert usage_of(operation).startswith(operation.name)
