"""What a reply means, however it is written; and a card that no address book misreads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.reply import Meaning, Wish, phone, pressed, written
from imtui.domain.vcard import card, folded
from tests.domain.nasty import texts

ACK = Wish.ACKNOWLEDGE


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("123456", Meaning(ACK, "123456")),
        (" 123 456\n", Meaning(ACK, "123456")),
        ("123-456", Meaning(ACK, "123456")),
        ("123\u00a0456", Meaning(ACK, "123456")),
        ("ack 000123 on my way", Meaning(ACK, "000123")),
        ("\u202a123456\u202c", Meaning(ACK, "123456")),
        ("١٢٣٤٥٦", Meaning(ACK, "123456")),
        ("１２３４５６", Meaning(ACK, "123456")),
        ("123456\n> #7 Web shop, impact 2. Reply 654321 to acknowledge.", Meaning(ACK, "123456")),
        ("#12 123456", Meaning(ACK, "123456")),
        ("1234567", Meaning(Wish.UNCLEAR)),
        ("12345", Meaning(Wish.UNCLEAR)),
        ("1", Meaning(Wish.UNCLEAR)),
        ("12 3456", Meaning(Wish.UNCLEAR)),
        ("UNSUBSCRIBE", Meaning(Wish.UNSUBSCRIBE)),
        (" Unsubscribe. ", Meaning(Wish.UNSUBSCRIBE)),
        ('"unsubscribe"', Meaning(Wish.UNSUBSCRIBE)),
        ("start\n", Meaning(Wish.START)),
        ("do not unsubscribe me", Meaning(Wish.UNCLEAR)),
        ("please start", Meaning(Wish.UNCLEAR)),
        ("stop", Meaning(Wish.UNCLEAR)),
        ("", Meaning(Wish.UNCLEAR)),
    ],
)
def test_what_an_sms_says(text: str, meaning: Meaning) -> None:
    assert written(text) == meaning


@pytest.mark.parametrize(
    ("digits", "meaning"),
    [
        ("1", Meaning(ACK)),
        ("1#", Meaning(ACK)),
        (" 1 ", Meaning(ACK)),
        ("123456", Meaning(ACK, "123456")),
        ("123 456#", Meaning(ACK, "123456")),
        ("11", Meaning(Wish.UNCLEAR)),
        ("2", Meaning(Wish.UNCLEAR)),
        ("#", Meaning(Wish.UNCLEAR)),
        ("1234567", Meaning(Wish.UNCLEAR)),
        ("", Meaning(Wish.UNCLEAR)),
    ],
)
def test_what_keys_say(digits: str, meaning: Meaning) -> None:
    assert pressed(digits) == meaning


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+4915100000001", "+4915100000001"),
        ("+49 151/000-00001", "+4915100000001"),
        (" 4915100000001", "+4915100000001"),
        ("004915100000001", "+4915100000001"),
        ("tel:+4915100000001", "+4915100000001"),
        ("015100000001", ""),
        ("anonymous", ""),
        ("+49151000000010000", ""),
        ("+", ""),
        ("", ""),
    ],
)
def test_a_number_is_compared_as_channels_keep_it(text: str, number: str) -> None:
    assert phone(text) == number


@given(texts | st.text(st.characters()))
def test_whatever_comes_is_read_without_an_error(text: str) -> None:
    for meaning in (written(text), pressed(text)):
        assert meaning.code == "" or (len(meaning.code) == 6 and meaning.code.isascii() and meaning.code.isdigit())
    number = phone(text)
    assert number == "" or (number[0] == "+" and number[1:].isascii() and number[1:].isdigit())


def test_a_card_names_each_number_once_with_all_that_it_is_for() -> None:
    lines = card("Pages; of, us", "imtui-1", ["+491", "+492"], ["+491"], ["a@example.com"], "first\nsecond")
    assert lines == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "FN:Pages\\; of\\, us",
        "N:Pages\\; of\\, us;;;;",
        "UID:imtui-1",
        "TEL;TYPE=WORK,VOICE,MSG:+491",
        "TEL;TYPE=WORK,MSG:+492",
        "EMAIL;TYPE=INTERNET:a@example.com",
        "NOTE:first\\nsecond",
        "END:VCARD",
    ]


@given(texts | st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_breaks_out_of_its_line_of_the_card(text: str) -> None:
    lines = card(text, text, [], [], [text], text)
    assert all(len(line.encode()) <= 75 and len(line.splitlines()) <= 1 for line in lines)
    whole = [line for line in lines if not line.startswith(" ")]
    assert [line.partition(":")[0].partition(";")[0] for line in whole] == [
        *("BEGIN", "VERSION", "FN", "N", "UID", "EMAIL", "NOTE", "END")
    ]


def test_a_folded_line_is_whole_again_without_its_folds() -> None:
    line = "NOTE:" + "ä€𝄞x" * 60
    assert "".join(folded(line)[:1] + [piece[1:] for piece in folded(line)[1:]]) == line
