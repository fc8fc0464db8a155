"""Configuration as code: templates in CloudFormation's form, read with the line of everything, so that an error can
name it. `Ref`, `Fn::GetAtt` and `Fn::Sub` are understood in their long and short forms."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import NoneType
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.domain.text import cut, shown

MAX_BYTES = 4 * 1024 * 1024
_DEPTH = 40
_SHORT = {"!Ref": "Ref", "!GetAtt": "Fn::GetAtt", "!Sub": "Fn::Sub"}
_SECTIONS = ("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Resources")
_VERSION = "2010-09-09"
_ATTRIBUTES = ("Type", "Properties", "Metadata", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy")
_YAML = "tag:yaml.org,2002:"
_TAGS = frozenset(
    _YAML + name for name in ("null", "bool", "int", "float", "str", "timestamp", "value", "merge", "seq", "map")
)
_WHOLE_BITS = 4096
_MOST_WORDS = 400
_SUBSTITUTE = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place: a scalar, a list of nodes, or a mapping of names to nodes."""

    value: Any
    file: str
    line: int
    path: str = ""

    def wrong(self, reason: str) -> TemplateError:
        """An error at this place."""
        where = f" {cut(self.path, _MOST_WORDS)}:" if self.path else ""
        return TemplateError(shown(f"{self.file}:{self.line}:{where} {cut(reason, _MOST_WORDS)}"), self.path)

    def mapping(self) -> dict[str, Node]:
        """The value, which must be a mapping."""
        if not isinstance(self.value, dict):
            raise self.wrong("expected names with values here")
        return self.value


class TemplateError(ValidationFailed):
    """A template that cannot be applied; the text names file, line and property."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a template, under its logical id."""

    id: str
    type: str
    properties: Mapping[str, Node]
    metadata: Mapping[str, Any]
    node: Node

    def wrong(self, reason: str, name: str | None = None) -> TemplateError:
        """An error at a property, such as `IncidentTemplate.Impact`, or as near to it as the template goes."""
        first, *inner = (name or "").split(".")
        found = self.properties.get(first)
        if found is None:
            return self.node.wrong(f"{name}: {reason}" if name else reason)
        for part in inner:
            if not isinstance(found.value, dict) or part not in found.value:
                break
            found = found.value[part]
        return found.wrong(reason)


Lookup = Callable[[str, str | None, Node], str]
"""What a logical id, with an attribute or without one, stands for."""


def read(file: str, text: str) -> Node:
    """A YAML or JSON document as nodes; raises TemplateError."""
    import yaml

    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise TemplateError(f"{file}:1: more than {MAX_BYTES // 1024 // 1024} MiB; split it into several files")
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        text = text.replace("\t", " ")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TemplateError(f"{file}:{line}: {error.problem or error.context or 'neither YAML nor JSON'}") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise TemplateError(f"{file}:{line}: the character {chr(error.character)!a} is not allowed here") from None
    except RecursionError:
        raise TemplateError(f"{file}:1: nested more than {_DEPTH} deep") from None
    except (yaml.YAMLError, ValueError, LookupError) as error:
        raise TemplateError(f"{file}:1: {str(error).partition(chr(10))[0] or 'neither YAML nor JSON'}") from None
    if root is None:
        raise TemplateError(f"{file}:1: the file is empty; it needs a section Resources")
    return _node(file, root, "", 0, set())


def resources(documents: Iterable[Node]) -> dict[str, Resource]:
    """The resources of several documents, which may refer to each other; raises TemplateError."""
    found: dict[str, Resource] = {}
    for document in documents:
        sections = document.mapping()
        for name, node in sections.items():
            if name not in _SECTIONS:
                raise node.wrong(f"unknown section; there are {', '.join(_SECTIONS)}")
        version = sections.get("AWSTemplateFormatVersion")
        if version is not None and version.value != _VERSION:
            raise version.wrong(f"the version is {_VERSION}")
        if "Resources" not in sections:
            raise document.wrong("the section Resources is missing")
        for id_, node in sections["Resources"].mapping().items():
            if id_ in found:
                raise node.wrong(f"this logical id is used twice, first in {found[id_].node.file}")
            found[id_] = _resource(id_, node)
    return found


def parameters(documents: Iterable[Node]) -> dict[str, str]:
    """The defaults of the templates' parameters: what `Ref` to them gives."""
    found: dict[str, str] = {}
    for document in documents:
        section = document.mapping().get("Parameters")
        for name, node in (section.mapping() if section else {}).items():
            default = node.mapping().get("Default")
            if default is None:
                raise node.wrong("a parameter needs a Default here")
            found[name] = scalar_text(default)
    return found


def scalar_text(node: Node) -> str:
    """A text, a number, or true and false in a template's own spelling, as a text; raises TemplateError for others."""
    if isinstance(node.value, bool):
        return str(node.value).lower()
    if not isinstance(node.value, (str, int, float)):
        raise node.wrong("expected a text here")
    return str(node.value)


def yes_or_no(value: Any) -> bool | None:
    """What a template means by true and false, which it may write as texts as well; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def plain(node: Node, lookup: Lookup) -> Any:
    """The node as ordinary values, with functions evaluated; raises TemplateError."""
    value = node.value
    if isinstance(value, list):
        return [plain(item, lookup) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, argument = next(iter(value.items()))
        if name == "Ref":
            return lookup(_text(argument), None, node)
        if name == "Fn::GetAtt":
            return _attribute(argument, lookup)
        if name == "Fn::Sub":
            return _substituted(argument, lookup)
        if name.startswith("Fn::"):
            raise node.wrong(f"{name} is not supported: use Ref, Fn::GetAtt or Fn::Sub")
    return {name: plain(item, lookup) for name, item in value.items()}


def logical_id(name: str, taken: Iterable[str]) -> str:
    """A logical id for an exported resource: letters and digits, not taken yet."""
    base = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name) if part) or "Resource"
    used = set(taken)
    chosen, number = base, 2
    while chosen in used:
        chosen, number = f"{base}{number}", number + 1
    return chosen


def _resource(id_: str, node: Node) -> Resource:
    body = node.mapping()
    for name, item in body.items():
        if name not in _ATTRIBUTES:
            raise item.wrong(f"unknown attribute of a resource; there are {', '.join(_ATTRIBUTES)}")
    if "Type" not in body:
        raise node.wrong("Type is missing, for example AWS::SSMContacts::Contact")
    properties = body["Properties"].mapping() if "Properties" in body else {}
    metadata = body["Metadata"].mapping() if "Metadata" in body else {}
    own = plain(metadata["imtui"], _no_reference) if "imtui" in metadata else None
    if not isinstance(own, (dict, NoneType)):
        raise metadata["imtui"].wrong("expected names with values here")
    return Resource(id_, _text(body["Type"]), properties, own or {}, node)


def _no_reference(name: str, attribute: str | None, node: Node) -> str:
    raise node.wrong("references are not possible here")


def _text(node: Node) -> str:
    if not isinstance(node.value, str):
        raise node.wrong("expected a text here")
    return node.value


def _attribute(argument: Node, lookup: Lookup) -> str:
    if isinstance(argument.value, list) and len(argument.value) == 2:
        return lookup(_text(argument.value[0]), _text(argument.value[1]), argument)
    name, dot, attribute = _text(argument).partition(".")
    if not dot:
        raise argument.wrong("Fn::GetAtt needs a logical id and an attribute, such as Ana.Arn")
    return lookup(name, attribute, argument)


def _substituted(argument: Node, lookup: Lookup) -> str:
    text, own = argument, {}
    if isinstance(argument.value, list):
        if len(argument.value) != 2:
            raise argument.wrong("Fn::Sub needs a text, or a list of a text and its variables")
        text, own = argument.value[0], argument.value[1].mapping()

    def replaced(match: re.Match[str]) -> str:
        name = match.group(1).strip()
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in own:
            return scalar_text(replace(own[name], value=plain(own[name], lookup)))
        id_, dot, attribute = name.partition(".")
        return lookup(id_, attribute if dot else None, argument)

    return _SUBSTITUTE.sub(replaced, _text(text))


def _node(file: str, node: Any, path: str, depth: int, above: set[int]) -> Node:
    """A YAML node with its place. An anchor used twice would multiply a small file into a huge one: refused."""
    import yaml

    line = node.start_mark.line + 1
    here = Node(None, file, line, path)
    if depth > _DEPTH:
        raise here.wrong(f"nested more than {_DEPTH} deep")
    if id(node) in above:
        raise here.wrong("aliases (*name) are not supported: write it out, or use Ref")
    above.add(id(node))
    if isinstance(node, yaml.MappingNode):
        value: Any = {}
        for key_node, child in node.value:
            plain_key = isinstance(key_node, yaml.ScalarNode) and key_node.tag in _TAGS - {_YAML + "merge"}
            key = _whole_characters(key_node.value) if plain_key else "?"
            where = f"{path}.{key}" if path else key
            place = Node(None, file, key_node.start_mark.line + 1, where)
            if not plain_key:
                raise place.wrong("a name must be a plain text")
            if key in value:
                raise place.wrong("this name stands here twice")
            value[key] = replace(place, value=_node(file, child, where, depth + 1, above).value)
    elif isinstance(node, yaml.SequenceNode):
        value = [_node(file, item, f"{path}[{index}]", depth + 1, above) for index, item in enumerate(node.value)]
    else:
        value = _scalar(here, node)
    if node.tag in _SHORT:
        if node.tag == "!GetAtt" and isinstance(value, str) and "." not in value:
            raise here.wrong("!GetAtt needs a logical id and an attribute, such as Ana.Arn")
        value = {_SHORT[node.tag]: Node(value, file, line, path)}
    elif node.tag not in _TAGS:
        raise here.wrong(f"{node.tag[:60]} is not supported: use !Ref, !GetAtt or !Sub")
    return Node(value, file, line, path)


def _scalar(here: Node, node: Any) -> Any:
    text = _whole_characters(node.value)
    match node.tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return text.lower() in ("yes", "true", "on")
        case "int":
            try:
                number = int(text.replace("_", ""), 0)
            except ValueError:
                return text  # such as 007 or 12:30, which YAML 1.1 takes for numbers
            return number if number.bit_length() <= _WHOLE_BITS else text
        case "float":
            try:
                found = float(text.replace("_", ""))
            except ValueError:
                return text
            return found if math.isfinite(found) else text
    return text


def _whole_characters(text: str) -> str:
    """The text with the two escapes by which JSON writes one character beyond U+FFFF put together again."""
    if not any("\ud800" <= c <= "\udfff" for c in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
