"""The chain of seals vouches for each record and for each other: nothing is altered, removed, inserted or swapped
without being named."""

from __future__ import annotations

from typing import Any

import pytest

from imtui.domain.audit_chain import (
    NAMED,
    START,
    Batch,
    Head,
    Seal,
    altered,
    differences,
    ends,
    follows,
    hash_of,
    line,
)

RECORD: dict[str, Any] = {"id": 1, "caller": "ana", "parameters": '{"a": 1}', "error": None, "read_only": 0}


def batch(*texts: str, first: int = 1) -> Batch:
    made = Batch()
    for id_, text in enumerate(texts, first):
        made.add(id_, text.encode())
    return made


def sealed(made: Batch, before: Seal | None = None) -> Seal:
    return made.seal(before, 1_000_000)


def test_a_record_has_one_line_whatever_the_order_of_its_columns_and_later_columns_do_not_change_it() -> None:
    assert line(RECORD) == b'{"caller":"ana","id":1,"parameters":"{\\"a\\": 1}","read_only":0}'
    assert line(dict(reversed(RECORD.items()))) == line(RECORD)
    assert line({**RECORD, "a_column_of_later": None}) == line(RECORD)


@pytest.mark.parametrize(
    ("column", "value"),
    [("id", 2), ("caller", "anb"), ("caller", b"ana"), ("parameters", '{"a":1}'), ("error", ""), ("read_only", 1)],
)
def test_no_value_of_a_record_can_be_another_without_another_line(column: str, value: Any) -> None:
    assert line({**RECORD, column: value}) != line(RECORD)


def test_lines_cannot_be_cut_elsewhere() -> None:
    assert batch("ab", "c").digest != batch("a", "bc").digest


def test_seals_that_are_as_they_were_made_are_right() -> None:
    one = sealed(batch("a", "b"))
    two = sealed(batch("c", first=3), one)
    assert (one.seq, one.first_id, one.last_id, one.records, one.previous) == (1, 1, 2, 2, START)
    assert (two.seq, two.previous) == (2, one.hash)
    assert follows(one, None) == follows(two, one) == altered(one) == altered(two) == []
    assert differences(one, batch("a", "b")) == differences(two, batch("c", first=3)) == []


def test_each_record_that_is_wrong_is_named() -> None:
    seal = sealed(batch("a", "b", "c"))
    assert differences(seal, batch("a", "x", "c")) == ["record 2 was altered after it was sealed (seal 1)"]
    assert differences(seal, batch("a", "b")) == ["record 3 was removed after it was sealed (seal 1)"]
    assert differences(seal, batch("a", "b", "c", "d")) == ["record 4 was inserted after it was sealed (seal 1)"]
    swapped = differences(seal, batch("b", "a", "c"))
    assert swapped == [f"record {id_} was altered after it was sealed (seal 1)" for id_ in (1, 2)]
    many = differences(sealed(batch(*"abcdefgh")), batch(*"ijklmnop"))
    assert (len(many), many[-1]) == (NAMED + 1, "and 3 more records of seal 1 were altered")


@pytest.mark.parametrize("name", Seal._fields)
def test_no_part_of_a_seal_can_be_altered(name: str) -> None:
    one = sealed(batch("a"))
    seal = sealed(batch("b", "c", first=2), one)
    value = getattr(seal, name)
    changes: dict[str, Any] = {name: value + 1 if isinstance(value, int) else f"{value[:-1]}x"}
    wrong = seal._replace(**changes)
    assert altered(wrong) + follows(wrong, one) + differences(wrong, batch("b", "c", first=2))


def test_a_seal_made_anew_over_other_records_breaks_with_the_next() -> None:
    one = sealed(batch("a"))
    two = sealed(batch("b", first=2), one)
    forged = sealed(batch("x"))
    assert altered(forged) == differences(forged, batch("x")) == []
    assert follows(two, forged) == ["seal 2 does not continue seal 1: one of them was rewritten"]


def test_a_record_altered_together_with_its_print_is_still_found() -> None:
    seal = sealed(batch("a", "b"))
    forged = seal._replace(prints=sealed(batch("a", "x")).prints)
    assert differences(forged, batch("a", "x")) == ["records 1 to 2 are not those of seal 1: one was altered"]


def test_a_seal_that_is_missing_is_named() -> None:
    one = sealed(batch("a"))
    two = sealed(batch("b", first=2), one)
    three = sealed(batch("c", first=3), two)
    four = sealed(batch("d", first=4), three)
    assert follows(three, one) == ["seal 2 is missing before seal 3"]
    assert follows(four, one) == ["seals 2 to 3 are missing before seal 4"]
    assert follows(two, None) == ["seal 1 is missing before seal 2"]


def test_an_end_that_was_cut_off_is_found() -> None:
    one = sealed(batch("a", "b"))
    head = Head(last_id=5, records=5, pruned_id=0, pruned_records=0, pruned_seal=0, seal=1)
    assert ends(head, one, 5, unsealed=3, sealed=2) == []
    assert ends(head, one, 4, unsealed=2, sealed=2) == [
        "the newest record was 5, now it is 4: the end of the log was cut off"
    ]
    assert ends(head, None, 5, unsealed=3, sealed=2) == ["seal 1 is missing: the end of the log was cut off"]
    assert ends(head, one, 5, unsealed=2, sealed=2) == ["1 records are missing among those that are not sealed yet"]
    assert ends(head, one, 5, unsealed=4, sealed=2) == ["1 records are too many among those that are not sealed yet"]


def test_all_may_be_pruned() -> None:
    one = sealed(batch("a", "b"))
    assert ends(Head(2, 2, 2, 2, 1, 1), one, 0, unsealed=0, sealed=0) == []


def test_a_hash_is_of_what_the_seal_says_and_nothing_else() -> None:
    seal = sealed(batch("a"))
    assert hash_of(seal._replace(prints="", hash="")) == seal.hash
