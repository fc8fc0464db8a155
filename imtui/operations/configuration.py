"""Configuration as code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imtui import services
from imtui.domain.errors import ValidationFailed
from imtui.operations.events import read_bytes
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns

if TYPE_CHECKING:
    from imtui.services.configuration import Difference
    from imtui.services.context import Context

_SIGNS = {"create": "+", "update": "~", "keep": " "}


async def apply(context: Context, files: list[str], dry_run: bool, skip_test: bool) -> list[Difference]:
    texts = []
    for file in files:
        try:
            texts.append((file, read_bytes(file).decode("utf-8")))
        except UnicodeDecodeError:
            raise ValidationFailed(f"{file}: not encoded in UTF-8") from None
    return await services.configuration.apply(context, texts, dry_run=dry_run)


async def export(context: Context) -> dict[str, Any]:
    return await services.exporting.export(context)


def _differences(found: list[Difference]) -> list[str]:
    lines = columns(
        (_SIGNS[d.action], d.action, d.type, d.name + (f" ({', '.join(d.fields)})" if d.fields else "")) for d in found
    )
    changed = sum(1 for d in found if d.action != "keep")
    return [*lines, f"{changed} of {len(found)} resources differ" if changed else "nothing differs"]


def _yaml(template: dict[str, Any]) -> list[str]:
    import yaml

    text: str = yaml.safe_dump(template, sort_keys=False, allow_unicode=True, width=120)
    return text.splitlines()


OPERATIONS = (
    Operation(
        ("apply",),
        "apply configuration templates (YAML or JSON); the same again changes nothing",
        (
            Parameter("files", "templates, or - for standard input", "texts"),
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
