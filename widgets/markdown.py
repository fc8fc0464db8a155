"""Markdown as text for a terminal: headings, lists, tables and the rest, in lines that fit.

Whatever somebody wrote, it is text: HTML is shown as it stands, links are their words and address, nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.content import Content

from imtui.domain.text import shown
from widgets.cells import Piece, steady, wrapped

if TYPE_CHECKING:
    from markdown_it.token import Token

MOST_SIGNS = 600
"""What comes after so many signs of Markdown and line ends stands as it was written: their cost may grow faster than
their number."""

_SIGNS = re.compile(r"[\n*_`\[\]<>|!&~\\:]")
_PLAIN = re.compile(r"[*_`#>|\[\]<~\\&]|^ {4}|^\s*(?:[-+]|\d+[.)])\s|^\s*[-=]+\s*$", re.MULTILINE)
_TASK = re.compile(r"\[([ xX])\] ")
_BLOCKS = frozenset(
    {
        *("paragraph_open", "heading_open", "blockquote_open", "bullet_list_open", "ordered_list_open"),
        *("list_item_open", "table_open", "fence", "code_block", "hr"),
    }
)
_RULE = 40
_GAP = "  "

Line = list[Piece]


@lru_cache(maxsize=32)
def markdown(text: str, width: int | None = None) -> Content:
    """A text in Markdown, in lines of at most so many cells (as they come, without a width)."""
    text = text.strip("\n")
    if not _PLAIN.search(text):
        return _content(_plain(text, width))
    rest = ""
    signs = [found.end() for found in _SIGNS.finditer(text)]
    if len(signs) > MOST_SIGNS:
        text, rest = text[: signs[MOST_SIGNS]], text[signs[MOST_SIGNS] :]
    lines = list(_Layout(width).blocks(_tokens(text)))
    if rest:
        lines += [[], *_plain(rest, width)]
    return _content(lines)


def _tokens(text: str) -> list[Token]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    return parser.enable(["table", "strikethrough"]).parse(text)


def _plain(text: str, width: int | None) -> Iterator[Line]:
    for line in shown(text, lines=True).split("\n"):
        yield from wrapped([(steady(line.rstrip()), "")], width)


def _content(lines: Sequence[Line] | Iterator[Line]) -> Content:
    parts: list[Any] = []
    for number, line in enumerate(lines):
        if number:
            parts.append("\n")
        parts += [piece if piece[1] else piece[0] for piece in line]
    return Content.assemble(*parts)


class _Layout:
    """Turns the tokens of a text into lines."""

    def __init__(self, width: int | None) -> None:
        self._width = width
        self._first: list[str] = []
        """What stands before the next line at each level: a bullet, once."""
        self._rest: list[str] = []
        self._lists: list[int | None] = []
        self._tight: list[bool] = []
        self._had = [False]
        """Whether something stands at each level yet."""
        self._gap: str | None = None
        """What an empty line before the next one shows."""

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Line]:
        """The lines of a whole text; blocks are an empty line apart, but for those of a close list."""
        place = 0
        while place < len(tokens):
            token = tokens[place]
            lines: Iterator[Line] = iter(())
            if token.type in _BLOCKS:
                self._begin()
            if token.type == "table_open":
                end = next(at for at in range(place, len(tokens)) if tokens[at].type == "table_close")
                lines = self._table(tokens[place:end])
                place = end
            elif token.nesting > 0:
                self._open(token, tokens, place)
            elif token.nesting < 0:
                self._close(token)
            else:
                lines = self._leaf(token, tokens[place - 1] if place else token)
            place += 1
            for line in lines:
                if self._gap is not None:
                    yield [(self._gap, "$secondary")]
                    self._gap = None
                yield line

    def _begin(self) -> None:
        """A block begins at this level."""
        if self._had[-1] and not (self._tight and self._tight[-1]):
            self._gap = "".join(self._rest).rstrip()
        self._had[-1] = True

    def _open(self, token: Token, tokens: Sequence[Token], place: int) -> None:
        if token.type == "blockquote_open":
            self._push("> ", "> ")
            self._tight.append(False)
            self._had.append(False)
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            ordered = token.type.startswith("ordered")
            self._lists.append((1 if (begin := token.attrGet("start")) is None else int(begin)) if ordered else None)
            # A list of one line each stands close together; markdown-it hides the paragraphs of such a list.
            inner = next((t for t in tokens[place:] if t.type == "paragraph_open"), None)
            self._tight.append(inner is not None and inner.hidden)
            self._had.append(False)
        elif token.type == "list_item_open":
            number = self._lists[-1]
            bullet = "• " if number is None else f"{number}. "
            if number is not None:
                self._lists[-1] = number + 1
            content = tokens[place + 2].content if place + 2 < len(tokens) else ""
            self._push("" if number is None and _TASK.match(content) else bullet, " " * len(bullet))
            self._had.append(False)

    def _close(self, token: Token) -> None:
        if token.type in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        if token.type in ("blockquote_close", "bullet_list_close", "ordered_list_close"):
            self._tight.pop()
        if token.type in ("blockquote_close", "list_item_close"):
            self._first.pop()
            self._rest.pop()
        if token.type in ("blockquote_close", "bullet_list_close", "ordered_list_close", "list_item_close"):
            self._had.pop()

    def _push(self, first: str, rest: str) -> None:
        self._first.append(first)
        self._rest.append(rest)

    def _before(self) -> Line:
        """What stands before a line: bullets the first time, afterwards as many spaces."""
        text = "".join(self._first)
        self._first = list(self._rest)
        return [(text, "$secondary")] if text else []

    def _room(self) -> int | None:
        return None if self._width is None else max(8, self._width - sum(map(len, self._rest)))

    def _leaf(self, token: Token, before: Token) -> Iterator[Line]:
        if token.type == "inline":
            heading = (
                f"bold {'$primary' if before.tag in ('h1', 'h2') else ''}" if before.type == "heading_open" else ""
            )
            for paragraph in _inline(token.children or [], heading.strip()):
                yield from self._put(paragraph)
        elif token.type in ("fence", "code_block"):
            for code in shown(token.content.rstrip("\n").expandtabs(4), lines=True).split("\n"):
                yield from self._put([("  " + steady(code), "$accent")])
        elif token.type == "hr":
            yield from self._put([("─" * min(_RULE, self._room() or _RULE), "$secondary")])

    def _put(self, line: Line) -> Iterator[Line]:
        for part in wrapped(line, self._room()):
            yield self._before() + part

    def _table(self, tokens: Sequence[Token]) -> Iterator[Line]:
        rows: list[list[Line]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                style = "bold" if len(rows) == 1 else ""
                rows[-1].append([piece for line in _inline(token.children or [], style) for piece in line])
        widths = [max(map(_cells, column)) for column in zip(*rows, strict=True)]
        room = self._room()
        if room is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > room:
            yield from self._as_blocks(rows)
            return
        for row in rows:
            line: Line = []
            for cell, wide in zip(row, widths, strict=True):
                line += [*cell, (" " * (wide - _cells(cell)) + _GAP, "")]
            yield self._before() + line[:-1]

    def _as_blocks(self, rows: Sequence[list[Line]]) -> Iterator[Line]:
        """A table that is too wide: each cell is a line of its own, with the name of its column."""
        names, *others = rows
        for number, row in enumerate(others or [names]):
            if number:
                yield [("".join(self._rest).rstrip(), "$secondary")]
            for name, cell in zip(names, row, strict=True):
                yield from self._put([*name, (": ", "bold"), *cell])


def _inline(tokens: Sequence[Token], style: str = "") -> list[Line]:
    """The lines of a paragraph: a line end in the text is one on the screen."""
    lines: list[Line] = [[]]
    styles = [style] if style else []
    links: list[tuple[str, int, int]] = []
    for token in tokens:
        name = {"strong": "bold", "em": "italic", "s": "strike"}.get(token.tag)
        if name and token.nesting:
            if token.nesting > 0:
                styles.append(name)
            else:
                styles.pop()
        elif token.type in ("softbreak", "hardbreak"):
            lines.append([])
        elif token.type == "link_open":
            links.append((str(token.attrGet("href") or ""), len(lines), len(lines[-1])))
        elif token.type == "link_close":
            address, line, start = links.pop()
            said = "".join(text for text, _ in lines[-1][start:]) if line == len(lines) else ""
            address = steady(shown(address))
            if address and address.removeprefix("mailto:") != said:
                lines[-1].append((f" ({address})" if said else address, "$secondary"))
        elif token.type == "image":
            address = shown(str(token.attrGet("src") or ""))
            lines[-1].append((steady(f"image: {shown(token.content)} ({address})"), "$secondary"))
        elif token.type == "code_inline":
            lines[-1].append((steady(f"`{shown(token.content)}`"), " ".join([*styles, "$accent"])))
        elif token.content:
            lines[-1].append((steady(shown(token.content)), " ".join(styles)))
    return lines


def _cells(line: Line) -> int:
    return sum(cell_len(text) for text, _ in line)
