"""How a half-typed line may go on: words, options, choices, and what is wrong with it already."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from imtui.domain.line import unquoted, word_start, words_before
from imtui.operations import GROUPS, OPERATIONS, Operation
from imtui.operations.arguments import PROGRAM, number
from imtui.operations.aws import SERVICES, spoken
from imtui.operations.completion_reading import Offer, Reading
from imtui.operations.operation import Parameter


def read(line: str) -> Reading:
    """Read a line as far as it goes. Never raises."""
    before, word = words_before(line), unquoted(line[word_start(line) :])
    before = spoken.addressed(before)
    if before[:1] == [PROGRAM]:
        del before[0]
    if spoken.is_meant(before):
        return spoken.reading(before, word)
    by_words = {operation.words: operation for operation in OPERATIONS if not operation.shell_only}
    for length in (0, 1):
        if length == len(before):
            return _beginning(by_words, before, word)
        if operation := by_words.get(tuple(before[: length + 1])):
            return _Arguments(operation, before[length + 1 :], word).reading()
        if not any(words[: length + 1] == tuple(before[: length + 1]) for words in by_words):
            return Reading(wrong=_unknown(by_words, before[:length], before[length]))
    return Reading(wrong=_unknown(by_words, before[:1], before[1]))


def matching(known: Iterable[Offer], words: Iterable[Offer], line: str) -> list[Offer]:
    """What the last word of a line may become, in quotes where it needs them: those of `known` and `words` that begin
    with it, then those of `known` of which a word of the description does."""
    word = unquoted(line[word_start(line) :]).lower()
    known = list(known)
    begin = [offer for offer in (*known, *words) if offer[0].lower().startswith(word)]
    told = [offer for offer in known if offer not in begin and _begins_one(word, offer[1])]
    return [(shlex.quote(text), hint) for text, hint in begin + told]


def _begins_one(word: str, text: str) -> bool:
    return any(part.startswith(word) for part in text.lower().split())


def _beginning(by_words: Mapping[tuple[str, ...], Operation], before: Sequence[str], word: str) -> Reading:
    """The words of the operation are not all there."""
    offers = {}
    for words, operation in sorted(by_words.items()):
        if list(words[: len(before)]) == list(before) and len(words) > len(before):
            more = len(words) > len(before) + 1
            offers[words[len(before)]] = GROUPS[words[0]] if more else operation.summary
    if not before:
        offers |= SERVICES
    wrong = "" if any(text.startswith(word) for text in offers) else _unknown(by_words, before, word)
    usage = f"{before[0]} {'|'.join(offers)}" if before else ""
    return Reading(usage, tuple(offers.items()), wrong=wrong)


def _unknown(by_words: Mapping[tuple[str, ...], Operation], before: Sequence[str], word: str) -> str:
    known = dict.fromkeys(words[len(before)] for words in sorted(by_words) if list(words[: len(before)]) == before)
    where = f"{before[0]} has no" if before else "there is no"
    return f"{where} {word!r}: {', '.join(known)}"


class _Arguments:
    """The words after those of an operation, read in their order."""

    def __init__(self, operation: Operation, words: Sequence[str], word: str) -> None:
        self._operation = operation
        self._word = word
        self._options = {parameter.flag: parameter for parameter in operation.parameters if parameter.option}
        self._places = [parameter for parameter in operation.parameters if not parameter.option]
        self._place = 0
        self._given: dict[str, str] = {}
        self._waiting: Parameter | None = None
        self._only_places = False
        self._wrong = ""
        for one in words:
            self._take(one)

    def reading(self) -> Reading:
        usage, word = usage_of(self._operation), self._word
        if self._wrong:
            return Reading(usage, wrong=self._wrong)
        if self._waiting is not None:
            return self._value(self._waiting, ())
        if self._is_option(word) or (word == "-" and self._options and not self._only_places):
            flag, equals, _ = word.partition("=")
            if not equals:
                offers = self._flags()
                fits = any(text.startswith(word) for text, _ in offers)
                return Reading(usage, offers, wrong="" if fits else self._no_option(word))
            return Reading(usage, wrong="" if flag in self._options else self._no_option(flag))
        if self._place >= len(self._places):
            return Reading(usage, self._flags(), wrong=self._too_many(word) if word else "")
        return self._value(self._places[self._place], () if word else self._flags())

    def _value(self, parameter: Parameter, more: tuple[Offer, ...]) -> Reading:
        offers = tuple((choice, "") for choice in parameter.choices)
        fits = not parameter.choices or any(choice.startswith(self._word) for choice in parameter.choices)
        wrong = "" if fits else _misfit(parameter, self._word)
        if not wrong and parameter.kind == "number" and self._word:
            wrong = _misfit(parameter, self._word)
        return Reading(usage_of(self._operation), offers + more, parameter.names, dict(self._given), wrong)

    def _take(self, word: str) -> None:
        parameter = self._waiting
        if parameter is not None:
            self._waiting = None
        elif word == "--" and not self._only_places:
            self._only_places = True
            return
        elif self._is_option(word):
            flag, equals, value = word.partition("=")
            parameter = self._options.get(flag)
            if parameter is None:
                self._complain(self._no_option(flag))
                return
            if parameter.kind == "flag" or not equals:
                self._waiting = parameter if parameter.kind != "flag" else None
                self._given.setdefault(parameter.name, "")
                return
            word = value
        elif self._place < len(self._places):
            parameter = self._places[self._place]
            self._place += parameter.kind != "texts"
        else:
            self._complain(self._too_many(word))
            return
        self._given[parameter.name] = word
        self._complain(_misfit(parameter, word))

    def _is_option(self, word: str) -> bool:
        return len(word) > 1 and word.startswith("-") and not word[1:].isdigit() and not self._only_places

    def _flags(self) -> tuple[Offer, ...]:
        again = {p.name for p in self._options.values() if p.kind == "texts"}
        return tuple(
            (flag, p.help) for flag, p in self._options.items() if p.name not in self._given or p.name in again
        )

    def _no_option(self, flag: str) -> str:
        known = ", ".join(self._options)
        return f"{self._operation.name} has no {flag!r}: {known or 'it takes no options'}"

    def _too_many(self, word: str) -> str:
        return f"what is {word!r}? {usage_of(self._operation)}"

    def _complain(self, text: str) -> None:
        self._wrong = self._wrong or text


def _misfit(parameter: Parameter, word: str) -> str:
    """Why a whole word is no value of a parameter."""
    if parameter.choices and word not in parameter.choices:
        return f"{parameter.name.replace('_', ' ')}: {', '.join(parameter.choices)}, not {word!r}"
    if parameter.kind == "number":
        try:
            number(word)
        except argparse.ArgumentTypeError as error:
            return f"{parameter.name.replace('_', ' ')}: {error}"
    return ""


def usage_of(operation: Operation) -> str:
    """How an operation is written."""
    words: list[Any] = [operation.name]
    for parameter in operation.parameters:
        name = parameter.name.upper()
        if not parameter.option:
            words.append(f"{name}…" if parameter.kind == "texts" else name)
        elif parameter.kind == "flag":
            words.append(f"[{parameter.flag}]")
        else:
            more = "…" if parameter.kind == "texts" else ""
            words.append(f"[{parameter.flag} {'|'.join(parameter.choices) or name}]{more}")
    return " ".join(words)
