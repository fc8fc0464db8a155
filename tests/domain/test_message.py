"""What people are told: one line for a subject, the code in every page, and short where a telephone shows it."""

from __future__ import annotations

from typing import Any
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain import message
from imtui.domain.contact import ChannelType
from imtui.domain.incident import Impact
from imtui.domain.message import Subject, activation_words, page_words
from tests.domain.nasty import json_values, texts

any_text = st.text(st.characters(), max_size=60) | texts
contents: st.SearchStrategy[dict[str, Any] | None] = st.none() | st.dictionaries(
    st.sampled_from(["subject", "content", "public_subject", "public_content"]), any_text | json_values
)
subjects = st.builds(
    Subject, st.integers(0, 10**9), any_text, st.sampled_from(list(Impact)), any_text, st.booleans(), contents, any_text
)
types = st.sampled_from(list(ChannelType))


def is_text(text: str, *, lines: bool) -> bool:
    """Whether it is nothing but text; of what this Python's tables do not know yet nothing is said."""
    unknown = ("Cn", "Co")
    readable = all(c.isprintable() or c.isspace() or c == "\u200d" or category(c) in unknown for c in text)
    return readable and (lines or len(text.splitlines()) <= 1)


@given(types, st.lists(subjects, min_size=1, max_size=12))
def test_any_page_has_one_line_its_code_and_a_size_that_its_way_bears(type_: ChannelType, found: list[Subject]) -> None:
    words = page_words(type_, "123456", found)
    assert is_text(words.subject, lines=False)
    assert is_text(words.body, lines=type_ is ChannelType.EMAIL)
    assert 1 <= len(words.subject) <= 200
    words.body.encode()
    if type_ is ChannelType.VOICE:
        assert "Press 1" in words.body
        assert len(words.body) <= 600
    else:
        assert "123456" in words.body
    if type_ is ChannelType.SMS:
        assert len(words.body) <= 600


@given(types, any_text, any_text)
def test_activation_and_test_are_one_line_with_what_they_are_for(type_: ChannelType, name: str, by: str) -> None:
    activation = activation_words(type_, "123456", name, 30)
    assert "123456" in activation.body.replace("1 2 3 4 5 6", "123456")
    for words in (activation, message.test_words(name, by)):
        assert is_text(words.subject, lines=False)
        assert is_text(words.body, lines=False)
        assert len(words.body) < 500


@pytest.mark.parametrize("type_", list(ChannelType))
def test_a_title_of_a_hundred_thousand_characters_fills_no_telephone(type_: ChannelType) -> None:
    one = Subject(1, "x" * 100_000, Impact.HIGH)
    for found in ([one], [one] * 12):
        words = page_words(type_, "123456", found)
        assert len(words.subject) <= 200
        assert type_ is ChannelType.EMAIL or len(words.body) < 500


def test_sms_says_what_is_public_and_mail_what_is_secret() -> None:
    content = {"subject": "secret S", "content": "secret C", "public_subject": "open S", "public_content": "open C"}
    one = Subject(7, "title", Impact.CRITICAL, content=content)
    sms, mail = (page_words(type_, "123456", [one]) for type_ in (ChannelType.SMS, ChannelType.EMAIL))
    assert "open S" in sms.body
    assert "open C" in sms.body
    assert "secret" not in sms.body + sms.subject
    assert "secret S" in mail.subject
    assert "secret C" in mail.body


def test_a_call_says_the_secret_words_and_a_bundle_of_sms_the_public_ones() -> None:
    content = {"subject": "secret S", "content": "secret C", "public_subject": "open S", "public_content": "open C"}
    one = Subject(7, "title", Impact.CRITICAL, content=content)
    said = page_words(ChannelType.VOICE, "123456", [one]).body
    assert "secret S" in said
    assert "secret C" in said
    assert said.endswith("Press 1 to acknowledge.")
    sms, mail, voice = (page_words(type_, "123456", [one, one]).body for type_ in (ChannelType.SMS, *_SECURE))
    assert "open S" in sms
    assert "secret" not in sms
    assert "secret S" in mail
    assert "secret S" in voice


def test_outside_an_incident_a_page_says_who_sends_it_and_sms_nothing_that_is_secret() -> None:
    content = {"subject": "secret S", "content": "secret C"}
    alone = Subject(0, "", Impact.MEDIUM, content=content, sender="cli")
    sms, mail, voice = (page_words(type_, "123456", [alone]) for type_ in (ChannelType.SMS, *_SECURE))
    assert sms.body == "Page from cli. Reply 123456 to acknowledge."
    assert "secret" not in sms.subject
    assert mail.subject == "Page from cli: secret S"
    assert "secret C" in mail.body
    assert voice.body == "Page from cli: secret S. secret C. Press 1 to acknowledge."
    for words in (sms, mail, voice):
        assert "Incident" not in words.subject + words.body
        assert "mpact" not in words.subject + words.body
    public = Subject(0, "", Impact.MEDIUM, content=content | {"public_subject": "open S", "public_content": "open C"})
    told = page_words(ChannelType.SMS, "123456", [public]).body
    assert told == "Page from imtui: open S. open C Reply 123456 to acknowledge."


_SECURE = (ChannelType.EMAIL, ChannelType.VOICE)


def test_only_an_sms_says_that_it_may_be_answered_with_words() -> None:
    for type_ in ChannelType:
        told = "UNSUBSCRIBE" in activation_words(type_, "123456", "mobile", 30).body
        assert told is (type_ is ChannelType.SMS)
