"""Templates of any text: nodes with their places, or an error in one line that names the place."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imtui.domain.template import Node, TemplateError, parameters, plain, read, resources, scalar_text, yes_or_no
from tests.domain.nasty import json_values

signs = "{}[]:,-&*!|>'\"%@`#?\n\t ~=<0x7fe._"
words = ("Resources", "Type", "!Ref ", "!!int ", "&a ", "*a", "<<: ", "--- ", "${")
pieces = st.sampled_from([*signs, *words])
yaml_like = st.lists(pieces, max_size=30).map("".join) | st.text(st.characters(codec="utf-8"), max_size=60)


def literal(name: str, attribute: str | None, node: Node) -> str:
    return f"<{name}.{attribute}>"


def values(node: Node) -> Any:
    """A node as ordinary values, with nothing evaluated."""
    if isinstance(node.value, dict):
        return {name: values(child) for name, child in node.value.items()}
    return [values(child) for child in node.value] if isinstance(node.value, list) else node.value


@given(yaml_like)
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    try:
        root = read("any.yaml", text)
    except TemplateError as error:
        message = str(error)
    else:
        assert root.line >= 1
        for look in (resources, parameters):
            with suppress(TemplateError):
                look([root])
        with suppress(TemplateError):
            plain(root, literal)
        return
    assert "\n" not in message
    assert message.startswith("any.yaml:")
    assert message.split(":")[1].isdigit()


@given(json_values)
def test_any_json_is_read_as_json_reads_it(value: Any) -> None:
    text = json.dumps({"a": value})
    assume(not re.search(r"(?<![\d.])-?\d+e[+-]?\d", text))  # YAML 1.1 takes 1e5 for a text
    with suppress(TemplateError):  # control characters and the like, which YAML knows as escapes only
        wanted = json.loads(text)
        assert values(read("any.json", text)) == _without_lone_surrogates(wanted)


def _without_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 4096:
        return str(value)
    return value


def test_what_json_escapes_in_two_halves_is_one_character() -> None:
    assert values(read("x.json", '{"a": "\\ud83d\\udd25 \\ud83d"}')) == {"a": "🔥 \ufffd"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 007", "007"),
        ("a: 12:30", "12:30"),
        ("a: 0x10", 16),
        ("a: 1_000", 1000),
        ("a: 1.5e+3", 1500.0),
        ("a: 1.0e+999", "1.0e+999"),
        ("a: .nan", ".nan"),
        ("a: .inf", ".inf"),
        (f"a: {'9' * 5000}", "9" * 5000),
        ("a: yes", True),
        ("a: ~", None),
        ("a: =", "="),
        ("a: 2010-09-09", "2010-09-09"),
        ("a: !!str 5", "5"),
    ],
)
def test_scalars_mean_what_a_template_means_by_them(text: str, value: object) -> None:
    assert values(read("x.yaml", text)) == {"a": value}


def test_an_alias_bomb_is_refused_before_it_is_unfolded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)]
    with pytest.raises(TemplateError, match="aliases"):
        read("bomb.yaml", "\n".join(lines))


def test_a_file_too_large_is_refused() -> None:
    with pytest.raises(TemplateError, match="MiB"):
        read("large.yaml", "a: " + "x" * 5_000_000)


@pytest.mark.parametrize("value", [None, [], {}])
def test_only_scalars_become_texts(value: Any) -> None:
    with pytest.raises(TemplateError, match=r"^x:3: expected a text"):
        scalar_text(Node(value, "x", 3))


@pytest.mark.parametrize(
    ("value", "meant"),
    [(True, True), ("True", True), ("false", False), ("no", None), (1, None), (None, None), ([], None)],
)
def test_yes_and_no_may_be_texts(value: Any, meant: bool | None) -> None:
    assert yes_or_no(value) is meant
