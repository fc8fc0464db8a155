"""Requests of any kind, one after another on one team: each is answered as the model says, or refused in a sentence."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imtui.channels.protocol import Accepted
from imtui.domain.errors import ImtuiError, Unavailable
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.operations.aws import model
from imtui.operations.aws.perform import perform
from imtui.services.context import Context
from tests.domain.nasty import texts
from tests.domain.test_sharing import policy
from tests.engine.conftest import Provider
from tests.operations.aws.answers import checked
from tests.organisation import organise
from tests.services.fresh import fresh

SERVICE = "ssm-contacts"
NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
_LIKELY: dict[str, list[str]] = {
    "Alias": ["ana", "cem", "dora", "primary", "day"],
    "AliasPrefix": ["a"],
    "Name": ["one", "two"],
    "RotationNamePrefix": ["o"],
    "TimeZoneId": ["UTC", "Europe/Berlin", "PST"],
    "SimpleAddress": ["a@example.com", "+4915112345678"],
    "AcceptCode": ["123456", "000000"],
    "ActivationCode": ["123456"],
    "Policy": ["{}", policy()],
    "DisplayName": ["Ana"],
    "Sender": ["cli"],
}
_WORDS = ("x", "ana", "team")
_INSTANTS = [
    datetime(1, 1, 3, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    *(NOW + timedelta(hours=hours) for hours in (-10_000, -1, 0, 1, 30, 800)),
    datetime(9999, 12, 29, tzinfo=UTC),
]


def values(shape: Any, name: str = "") -> st.SearchStrategy[Any]:
    """Values of a shape: what exists (by a mark that is replaced when the call is made), what could, what is nasty."""
    match shape.type_name:
        case "structure":
            needed = {member: values(shape.members[member], member) for member in shape.required_members}
            free = {m: values(inner, m) for m, inner in shape.members.items() if m not in shape.required_members}
            if shape.name == "Target":
                return st.one_of(*(st.fixed_dictionaries({m: inner}) for m, inner in free.items()))
            if shape.name == "RecurrenceSettings":
                return st.one_of(*(_recurrence(needed, free, kind) for kind in ("Daily", "Weekly", "Monthly")))
            return st.fixed_dictionaries(needed, optional=free)
        case "list":
            return st.lists(values(shape.member, name), max_size=3)
        case "map":
            return st.dictionaries(values(shape.key), values(shape.value), max_size=3)
        case "timestamp":
            return st.sampled_from(_INSTANTS)
        case "integer":
            least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 100)
            return st.integers(least, most) | st.sampled_from([least, least + 1])
        case "boolean":
            return st.booleans()
    if shape.enum:
        return st.sampled_from(shape.enum)
    if name == "IdempotencyToken":
        return st.sampled_from(["", "once", "twice"])
    existing = st.integers(0, 9).map(lambda number: ("known", name, number))
    likely = st.sampled_from(_LIKELY.get(name, _WORDS))
    usual = existing if name.endswith(("Id", "Arn", "ARN", "Ids", "Token")) else likely
    return st.integers(0, 19).flatmap(lambda dice: texts if dice == 0 else likely if dice == 1 else usual)


def _recurrence(needed: dict[str, Any], free: dict[str, Any], kind: str) -> st.SearchStrategy[Any]:
    settings_of = f"{kind}Settings"
    one = {settings_of: free[settings_of].filter(bool), "NumberOfOnCalls": st.integers(1, 2)}
    return st.fixed_dictionaries(needed | one, optional={"ShiftCoverages": free["ShiftCoverages"]})


REQUESTS = st.one_of(
    [
        st.tuples(st.just(name), values(described.input_shape))
        for name in sorted(model.service(SERVICE).operation_names)
        if (described := model.operation(SERVICE, name)) is not None
    ]
)


_DAILY = {
    "DailySettings": [{"HourOfDay": 8, "MinuteOfHour": 0}],
    "NumberOfOnCalls": 1,
    "RecurrenceMultiplier": 1,
}
_WORDED = {"Sender": "cli", "Subject": "S", "Content": "C"}
BEGINNING: list[tuple[str, Any]] = [
    ("CreateRotation", {"Name": "one", "ContactIds": ["ana", "ben"], "TimeZoneId": "UTC", "Recurrence": _DAILY}),
    (
        "CreateRotationOverride",
        {
            "RotationId": ("known", "RotationId", 0),
            "NewContactIds": ["ben"],
            "StartTime": NOW,
            "EndTime": NOW + timedelta(hours=30),
        },
    ),
    ("StartEngagement", {"ContactId": "ana", **_WORDED}),
    ("StartEngagement", {"ContactId": "night", **_WORDED}),
    ("ListEngagements", {"MaxResults": 1}),
    ("ListPagesByContact", {"ContactId": "ana", "MaxResults": 1}),
]
"""What is there before anything is asked: a rotation with an override, engagements with pages, tokens."""


_ONE_OF: dict[str, str] = {"ContactIds": "ContactId", "NewContactIds": "ContactId", "RotationIds": "RotationId"}


def filled(value: Any, known: dict[str, list[str]]) -> Any:
    """The request with what exists by now in place of the marks."""
    if isinstance(value, tuple):
        name, number = str(value[1]), int(value[2])
        those = known.get(_ONE_OF.get(name, name)) or known["ContactId"]
        return those[number % len(those)]
    if isinstance(value, dict):
        return {filled(key, known): filled(item, known) for key, item in value.items()}
    return [filled(item, known) for item in value] if isinstance(value, list) else value


def remember(answer: Any, known: dict[str, list[str]]) -> None:
    """Keep the ARNs, ids and tokens of an answer, for requests to come."""
    if isinstance(answer, dict):
        for name, item in answer.items():
            if isinstance(item, str):
                for member in {name, name.replace("Arn", "Id")} | ({"ResourceARN"} if "Arn" in name else set()):
                    known.setdefault(member, []).append(item)
            remember(item, known)
    elif isinstance(answer, list):
        for item in answer:
            remember(item, known)


async def one_after_another(requests: list[tuple[str, Any]]) -> None:
    async with fresh() as context:
        made = await organise(context)
        engine = Engine(context.database, context.clock, context.config, holder="one", providers=_providers())
        known = {
            "ContactId": [made.ana, made.ben, made.night],
            "ContactChannelId": [made.ana_email, made.ana_sms, made.ben_email],
        }
        try:
            for operation, asked in [*BEGINNING, *requests]:
                await _asked(context, operation, filled(asked, known), known)
                await engine.tick()
        finally:
            await engine.close()


async def _asked(context: Context, operation: str, asked: Any, known: dict[str, list[str]]) -> None:
    try:
        answer = await perform(context, SERVICE, operation, asked)
    except Unavailable:
        raise
    except ImtuiError:
        return
    remember(checked(SERVICE, operation, answer), known)


def _providers() -> dict[Route, Provider]:
    provider = Provider()
    provider.answers = [Accepted("250 OK")]
    return dict.fromkeys(Route, provider)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(REQUESTS, min_size=10, max_size=20))
def test_any_requests_in_any_order_are_answered_or_refused(requests: list[tuple[str, Any]]) -> None:
    asyncio.run(one_after_another(requests))
