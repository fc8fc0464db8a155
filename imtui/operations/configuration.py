"""Configuration as code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from imtui import services
from imtui.domain.text import escaped
from imtui.operations.files import File
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns

if TYPE_CHECKING:
    from imtui.services.configuration import Difference
    from imtui.services.context import Context

_SIGNS = {"create": "+", "update": "~", "keep": " "}


async def apply(context: Context, files: list[File], dry_run: bool, skip_test: bool) -> list[Difference]:
    texts = [(file.name, file.text()) for file in files]
    return await services.configuration.apply(context, texts, dry_run=dry_run, skip_test=skip_test)


async def export(context: Context) -> dict[str, Any]:
    return await services.exporting.export(context)


def _differences(found: list[Difference]) -> list[str]:
    lines = columns(
        (_SIGNS[d.action], d.action, d.type, d.name + (f" ({', '.join(d.fields)})" if d.fields else "")) for d in found
    )
    changed = sum(1 for d in found if d.action != "keep")
    return [*lines, f"{changed} of {len(found)} resources differ" if changed else "nothing differs"]


def _yaml(template: dict[str, Any]) -> list[str]:
    """YAML in which whatever a terminal would obey stands in quotes, where it can be written as an escape."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes every occurrence out: anchors are not understood here."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        plain = escaped(value) == value and "\t" not in value and "\x85" not in value
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, None if plain else '"')

    Dumper.add_representer(str, text)
    encoding = (sys.stdout.encoding if sys.stdout else None) or "utf-8"
    unicode = encoding.lower().startswith("utf")
    dumped: str = yaml.dump(template, Dumper=Dumper, sort_keys=False, allow_unicode=unicode, width=120)
    return dumped.removesuffix("\n").split("\n")


OPERATIONS = (
    Operation(
        ("apply",),
        "apply configuration templates (YAML or JSON); the same again changes nothing",
        (
            Parameter("files", "templates, or - for standard input", "texts", file=True),
            Parameter("dry_run", "only print what would differ", "flag", option=True, default=False),
            Parameter("skip_test", "send no test messages to chat and topics", "flag", option=True, default=False),
        ),
        apply,
        _differences,
        lambda found: [{"action": d.action, "type": d.type, "name": d.name, "fields": list(d.fields)} for d in found],
        pages=True,
        shell_only=True,
    ),
    Operation(
        ("export",),
        "print the whole configuration as a template",
        (),
        export,
        _yaml,
        lambda template: template,
        shell_only=True,
    ),
)
