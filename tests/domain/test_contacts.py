"""Addresses, aliases and plans as people type them: what is taken can be used, and what is shown can be saved again."""

from __future__ import annotations

from contextlib import suppress
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.contact import (
    Channel,
    ChannelType,
    PlanLine,
    check_address,
    check_alias,
    lines_to_stages,
    stages_to_lines,
)
from imtui.domain.errors import ValidationFailed
from imtui.domain.plan import ChannelTarget, ContactTarget, Stage, stages_from_wire, stages_to_wire
from imtui.domain.plan_text import engagement_plan, engagement_text, escalation_plan, escalation_text
from tests.domain.nasty import WRONG, json_values, places, replaced, texts

any_text = st.text(st.characters(), max_size=40) | texts


@given(any_text | st.from_regex(r"[^@\s]{1,20}@[^@\s]{1,20}", fullmatch=True))
def test_an_address_that_is_taken_is_one_address_of_a_mail(text: str) -> None:
    with suppress(ValidationFailed):
        address = check_address(ChannelType.EMAIL, text)
        assert check_address(ChannelType.EMAIL, address) == address
        mail = EmailMessage()
        mail["To"] = address
        header = mail["To"]
        assert isinstance(header, AddressHeader)
        assert [found.addr_spec for found in header.addresses] in ([address], [address.strip(".")])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ana",
        "ana@",
        "@example.com",
        "ana@.com",
        "ana@example.",
        "ana@exa mple.com",
        "ana@example.com, ben@example.com",
        "ana@ben@example.com",
        "group:ana@example.com;",
        "Ana <ana@example.com>",
        '"ana"@example.com',
        "(comment)ana@example.com",
        "ana@[127.0.0.1]",
        "ana@example.com\r\nBcc: x@example.com",
        "ana@example.com\x00",
        "ana\u202e@example.com",
        "a" * 320 + "@example.com",
        f"ana@{'a' * 64}.com",
        "\ud800@example.com",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed, match="name@host"):
        check_address(ChannelType.EMAIL, text)


@given(any_text | st.from_regex(r"\+[0-9 ().\-/]{6,20}", fullmatch=True), st.sampled_from(["SMS", "VOICE"]))
def test_a_number_that_is_taken_is_a_plus_and_digits(text: str, type_: str) -> None:
    with suppress(ValidationFailed):
        number = check_address(ChannelType(type_), text)
        assert number[0] == "+"
        assert number[1:].isascii()
        assert number[1:].isdigit()
        assert 9 <= len(number) <= 15
        assert check_address(ChannelType(type_), number) == number


@given(any_text)
def test_an_alias_that_is_taken_can_stand_in_an_arn(text: str) -> None:
    with suppress(ValidationFailed):
        assert check_alias(text).isascii()
        assert not set(text) & set(":/ \n*")


plan_lines = st.builds(
    PlanLine, st.integers(0, 24 * 60), st.sampled_from(["arn:a", "arn:b", "arn:c"]), st.integers(0, 60)
)


@given(st.lists(plan_lines, max_size=8))
def test_the_lines_of_a_form_come_back_from_the_stages(lines: list[PlanLine]) -> None:
    stages = lines_to_stages(lines)
    assert all(0 <= stage.minutes <= 30 for stage in stages)
    assert list(stages_to_lines(stages)) == sorted(lines, key=lambda line: line.minutes)
    assert lines_to_stages(stages_to_lines(stages)) == stages
    assert stages_from_wire(stages_to_wire(stages)) == stages


@pytest.mark.parametrize("line", [PlanLine(-1, "a"), PlanLine(1441, "a"), PlanLine(0, "a", -1), PlanLine(0, "a", 61)])
def test_a_line_out_of_its_limits_is_refused(line: PlanLine) -> None:
    with pytest.raises(ValidationFailed):
        lines_to_stages([line])


names = st.sampled_from(
    ["work", "mobile", "work, retry 5", " mobile ", "a\nb", "+4915112345678", "5: x", "–"]
) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
channels = st.lists(
    st.builds(
        lambda name, type_, address: (name, type_, address),
        names,
        st.sampled_from(list(ChannelType)),
        st.sampled_from(["ana@example.com", "+4915112345678", "+4915112345679"]),
    ),
    min_size=1,
    max_size=4,
).map(lambda rows: [Channel(f"arn:aws:x:r:a:channel/{i}", "arn:ana", *row) for i, row in enumerate(rows)])


@given(channels, st.data())
def test_a_persons_plan_that_is_shown_can_be_saved_again(known: list[Channel], data: st.DataObject) -> None:
    arns = st.sampled_from([channel.arn for channel in known])
    lines = data.draw(st.lists(st.builds(PlanLine, st.integers(0, 1440), arns, st.integers(0, 60)), max_size=5))
    stages = lines_to_stages(lines)
    assert engagement_plan(engagement_text(stages, known), known) == stages


ALIASES = {
    alias: f"arn:aws:ssm-contacts:r:a:contact/{alias}" for alias in ("ana", "ben", "min", "m", "retry", "5", "-")
}
contact_stages = st.lists(
    st.builds(
        Stage,
        st.integers(0, 30),
        st.lists(st.builds(ContactTarget, st.sampled_from(list(ALIASES.values())), st.booleans()), max_size=4).map(
            tuple
        ),
    ),
    max_size=5,
).map(tuple)


@given(contact_stages)
def test_an_escalation_plan_that_is_shown_can_be_saved_again(stages: tuple[Stage, ...]) -> None:
    assert escalation_plan(escalation_text(stages), ALIASES) == stages


@given(any_text | st.from_regex(r"\s*\d{0,6}\s*(min|m)?\s*:.{0,20}", fullmatch=True), channels)
def test_a_plan_of_any_text_is_taken_or_refused(text: str, known: list[Channel]) -> None:
    with suppress(ValidationFailed):
        assert all(0 <= stage.minutes <= 30 for stage in engagement_plan(text, known))
    with suppress(ValidationFailed):
        assert all(0 <= stage.minutes <= 30 for stage in escalation_plan(text, ALIASES))


def test_of_two_channels_of_one_name_none_is_guessed() -> None:
    known = [
        Channel(f"arn:{n}", "arn:ana", "mobile", ChannelType.SMS, address)
        for n, address in ((1, "+4915112345671"), (2, "+4915112345672"))
    ]
    with pytest.raises(ValidationFailed, match="2 channels"):
        engagement_plan("0: mobile", known)
    assert engagement_plan("0: +4915112345672", known) == (Stage(0, (ChannelTarget("arn:2"),)),)


WIRE: dict[str, Any] = stages_to_wire(
    (
        Stage(5, (ChannelTarget("arn:channel", 3), ContactTarget("arn:contact", True))),
        Stage(0),
    )
)


@given(json_values)
def test_a_plan_of_any_json_is_taken_or_refused(value: Any) -> None:
    for plan in (
        value,
        {"Stages": value},
        {"Stages": [value]},
        {"Stages": [{"DurationInMinutes": 1, "Targets": value}]},
    ):
        with suppress(ValidationFailed):
            stages = stages_from_wire(plan)
            assert stages_from_wire(stages_to_wire(stages)) == stages


def test_a_real_plan_with_any_node_wrong_is_taken_or_refused() -> None:
    for at in places(WIRE):
        for value in WRONG:
            with suppress(ValidationFailed):
                stages = stages_from_wire(replaced(WIRE, at, value))
                assert all(0 <= stage.minutes <= 30 for stage in stages)
