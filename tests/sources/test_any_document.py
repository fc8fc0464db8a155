"""Documents from outside: of any shape, with any node wrong, they become events whose every part can be stored, or they
are refused; and nothing else ever happens."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.errors import ValidationFailed
from imtui.domain.text import clean
from imtui.services.context import Context
from imtui.services.events import Intake, take_in
from imtui.sources import alertmanager, cloudwatch, eventbridge, sns
from imtui.sources.documents import parse, signals
from imtui.sources.signal import MAX_KEY_BYTES, Signal, State, alert_key, event_id, instant
from tests.documents import alarm, alert_group, sns_alarm, task_stopped
from tests.domain.nasty import WRONG, json_values, places, replaced, texts
from tests.organisation import organise

DOCUMENTS: dict[str, Any] = {
    "alarm": alarm(),
    "quiet alarm": alarm(state="OK", previous="ALARM"),
    "task": task_stopped(),
    "alert group": alert_group(),
    "resolved group": alert_group("resolved"),
    "sns": sns_alarm(),
    "message of sns": json.loads(sns_alarm()["Message"]),
    "list": [alarm(), task_stopped()],
}


def check(signal: Signal) -> None:
    """What the database and the screens rely on."""
    for text in (signal.id, signal.source, signal.detail_type, signal.cause, signal.incident_source):
        assert isinstance(text, str)
    assert 1 <= len(signal.id) <= 200
    assert signal.id.isprintable()
    for key in (signal.resource_arn, signal.alert, signal.plan):
        assert key is None or isinstance(key, str)
    assert signal.alert is None or signal.alert
    if signal.alert is not None:
        assert clean(signal.alert) == signal.alert
        assert len(signal.alert.encode()) <= MAX_KEY_BYTES
    if signal.at is not None:
        assert signal.at.tzinfo is UTC
        assert 1970 <= signal.at.year <= 9999
    assert isinstance(signal.state, State)
    assert signal.state is State.EVENT or signal.alert
    for kind, title, value in signal.related:
        assert kind in ("METRIC", "INVOLVED_RESOURCE", "OTHER")
        assert isinstance(title, str)
        assert all(isinstance(text, str) for text in value.values())
    json.dumps(signal.event, allow_nan=False)


def taken(text: str | bytes) -> list[Signal]:
    """The events of a document; none when it is refused, and that in one line."""
    try:
        found = signals(parse(text))
    except ValidationFailed as error:
        refusal = str(error)
    else:
        for signal in found:
            check(signal)
        return found
    assert refusal
    assert "\n" not in refusal
    assert len(refusal) < 500
    return []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_real_document_with_any_node_wrong_is_events_or_refused(name: str) -> None:
    assert taken(json.dumps(DOCUMENTS[name]))
    for at in places(DOCUMENTS[name]):
        for value in WRONG:
            taken(json.dumps(replaced(DOCUMENTS[name], at, value)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_real_document_without_any_one_name_is_events_or_refused(name: str) -> None:
    for at in places(DOCUMENTS[name]):
        if at and isinstance(at[-1], str):
            parent: Any = DOCUMENTS[name]
            for step in at[:-1]:
                parent = parent[step]
            fewer = {key: value for key, value in parent.items() if key != at[-1]}
            taken(json.dumps(replaced(DOCUMENTS[name], at[:-1], fewer)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_half_a_document_is_refused_wherever_it_was_cut(name: str) -> None:
    whole = json.dumps(DOCUMENTS[name]).encode()
    for end in range(0, len(whole) - 1, 7):
        assert taken(whole[:end]) == []


@given(json_values, st.sampled_from(sorted(DOCUMENTS)), st.data())
def test_a_real_document_with_anything_anywhere_is_events_or_refused(
    value: Any, name: str, data: st.DataObject
) -> None:
    at = data.draw(st.sampled_from(list(places(DOCUMENTS[name]))))
    taken(json.dumps(replaced(DOCUMENTS[name], at, value)))


@given(json_values)
def test_each_senders_reader_takes_or_refuses_any_json(value: Any) -> None:
    document = value if isinstance(value, dict) else {"detail": value, "Message": value, "alerts": value}
    with suppress(ValidationFailed):
        check(eventbridge.signal(value))
    with suppress(ValidationFailed):
        check(alertmanager.signal(value))
    with suppress(ValidationFailed):
        check(sns.signal({"Type": "Notification", **document}))
    with suppress(ValidationFailed):
        check(cloudwatch.notification("id", {"AlarmName": "a", "NewStateValue": "OK", **document}))


@given(
    st.binary(max_size=80) | st.text(st.characters(), max_size=80).map(lambda text: text.encode("utf-16", "replace"))
)
def test_any_bytes_are_a_document_or_refused(data: bytes) -> None:
    taken(data)


@given(st.text(alphabet='{}[]",:0123456789.eE+-\\untrlfas \n', max_size=60))
def test_anything_that_looks_like_json_is_a_document_or_refused(text: str) -> None:
    taken(text)


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e400", "-1e999999999", "9" * 4301, "1" + "0" * 5000])
def test_a_number_that_no_database_takes_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed, match="number"):
        parse(f'{{"a": [{text}]}}')


def test_the_largest_numbers_are_taken() -> None:
    assert parse(f"[1.7976931348623157e308, {'9' * 4300}, 5e-324, 1e-400]")[0] > 1e308


@pytest.mark.parametrize("depth", [101, 5_000, 200_000])
@pytest.mark.parametrize("shape", [("[", "]"), ('{"a":', "}")])
def test_what_is_nested_too_deeply_is_refused(depth: int, shape: tuple[str, str]) -> None:
    with pytest.raises(ValidationFailed, match="nested"):
        parse(shape[0] * depth + "1" + shape[1] * depth)


@given(texts | st.text(st.characters(), max_size=300))
def test_any_id_becomes_a_key_and_the_same_id_the_same_key(text: str) -> None:
    key = event_id(text)
    assert len(key) <= 200
    assert key.isprintable()
    assert event_id(text) == key
    assert event_id(text + "\x00") != key


@given(texts, texts)
def test_long_names_of_alerts_stay_apart(one: str, other: str) -> None:
    first, second = (alert_key("alertmanager:" + "日" * 900 + text) for text in (one, other))
    assert (first == second) is (one == other)
    assert len(first.encode()) <= MAX_KEY_BYTES


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-03-01T03:07:45.123456789Z", datetime(2026, 3, 1, 3, 7, 45, 123456, UTC)),
        ("2026-03-01T03:09:12.324+0000", datetime(2026, 3, 1, 3, 9, 12, 324000, UTC)),
        ("2026-03-01T03:09:12+02:00", datetime(2026, 3, 1, 1, 9, 12, tzinfo=UTC)),
        (" 2026-03-01T03:09:12 ", datetime(2026, 3, 1, 3, 9, 12, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("0000-00-00T00:00:00Z", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-03-01T25:00:00Z", None),
        ("1767225600", None),
        ("", None),
        ("\x00", None),
        (1767225600, None),
        (None, None),
        ([], None),
    ],
)
def test_instants_as_senders_write_them(text: object, wanted: datetime | None) -> None:
    assert instant(text) == wanted


@given(texts | st.text("0123456789-:TZ+. ", max_size=40))
def test_any_text_is_an_instant_or_none(text: str) -> None:
    found = instant(text)
    assert found is None or found.year >= 1970


def test_sns_within_sns_is_kept_as_it_is_and_an_alarm_that_is_none_is_not_lost() -> None:
    outer = sns_alarm() | {"Message": json.dumps(sns_alarm())}
    assert signals(outer)[0].event["detail"]["message"]["TopicArn"]
    for message in ({"AlarmName": "x"}, {"detail-type": "x"}, {"AlarmName": 5, "NewStateValue": []}):
        found = signals(sns_alarm() | {"Message": json.dumps(message)})
        assert found[0].source == "aws.sns"
        assert found[0].event["detail"]["message"] == message


async def test_whatever_is_taken_can_be_stored_in_every_database(context: Context) -> None:
    """One batch of everything that is wrong and yet taken: no part of it is refused by the database."""
    await organise(context)
    arrivals = []
    for document in DOCUMENTS.values():
        for at in places(document):
            for value in ("\x00", "\ud800", "日" * 3_000, "x\x1b", 10**4000, {"": "\x00"}):
                arrivals += [Intake(signal, "web", True) for signal in taken(json.dumps(replaced(document, at, value)))]
    assert len(arrivals) > 300
    for start in range(0, len(arrivals), 200):
        results = await take_in(context, arrivals[start : start + 200])
        assert all(result.action for each in results for result in each)
