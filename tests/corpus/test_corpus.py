"""Files as bad days make them: each is taken as a whole, or refused in one line with everything as it was.

A refused template's name begins with the line that must be blamed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.commands.program import check_providers
from imtui.config import load_config
from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.domain.template import TemplateError
from imtui.operations import configuration, incidents
from imtui.operations.files import read
from imtui.services.context import Context
from imtui.services.events import Intake, take_in
from imtui.sources.documents import parse, signals
from storage import tables as t
from tests.organisation import organise

HERE = Path(__file__).parent
CONFIGURED = (t.contacts, t.channels, t.messages, t.response_plans, t.rules, t.tags)


def files(kind: str, outcome: str) -> list[Path]:
    found = sorted((HERE / kind / outcome).iterdir())
    assert found
    return found


def is_one_line(error: ImtuiError) -> bool:
    text = str(error)
    return "\n" not in text and "\x1b" not in text and 10 < len(text) < 1000


async def rows(context: Context, *tables: sa.Table) -> int:
    async with context.database.read() as reader:
        return sum([int(await reader.scalar(sa.select(sa.func.count()).select_from(table))) for table in tables])


async def test_every_event_of_the_corpus_is_kept_and_shows_as_text(context: Context) -> None:
    await organise(context)
    await services.rules.put(context, "all", {"source": [{"prefix": ""}]}, [{"Id": "web", "Arn": "web"}])
    for file in files("events", "taken"):
        found = signals(parse(file.read_bytes()))
        results = await take_in(context, [Intake(signal) for signal in found])
        assert len(results) == len(found), file.name
        assert all(result.action for each in results for result in each), file.name
    kept = {signal.id for file in files("events", "taken") for signal in signals(parse(file.read_bytes()))}
    assert await rows(context, t.events) >= len({id_ for id_ in kept if len(id_) != 36})
    for row in (await services.incident_list.page(context)).rows:
        shown = await incidents.show(context, str(row.number))
        assert all(line.isprintable() for line in incidents._whole(shown)), row.title
        json.dumps(incidents._whole_document(shown), ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("file", files("events", "refused"), ids=lambda file: file.stem)
def test_an_event_that_is_none_is_refused_in_one_line(file: Path) -> None:
    with pytest.raises(ValidationFailed) as error:
        signals(parse(file.read_bytes()))
    assert is_one_line(error.value)


async def test_every_template_of_the_corpus_is_applied_and_a_second_time_changes_nothing(context: Context) -> None:
    for file in files("templates", "taken"):
        source = read(str(file))
        await services.configuration.apply(context, [(source.name, source.text())])
        again = await services.configuration.apply(context, [(source.name, source.text())])
        assert {difference.action for difference in again} <= {"keep"}, file.name
    text = "\n".join(configuration._yaml(await services.exporting.export(context)))
    assert text.replace("\n", "").isprintable()
    exported = await services.configuration.apply(context, [("export.yaml", text)])
    assert {difference.action for difference in exported} == {"keep"}


async def test_a_template_that_is_wrong_is_refused_with_its_line_and_nothing_is_made(context: Context) -> None:
    for file in files("templates", "refused"):
        line = int(file.name.partition("-")[0])
        with pytest.raises(ValidationFailed) as error:
            await services.configuration.apply(context, [(file.name, read(str(file)).text())])
        assert is_one_line(error.value), file.name
        if isinstance(error.value, TemplateError):  # what is not text at all is told by the name of the file on disk
            assert str(error.value).startswith(f"{file.name}:{line}: "), str(error.value)
        else:
            assert str(error.value).startswith(f"{file}:{line}: "), str(error.value)
    assert await rows(context, *CONFIGURED) == 0


@pytest.mark.parametrize("file", files("configuration", "taken"), ids=lambda file: file.stem)
def test_a_configuration_is_taken(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_ROOM_WEBHOOK", "https://hooks.example.com/services/1")
    check_providers(load_config(str(file)))


@pytest.mark.parametrize("file", files("configuration", "refused"), ids=lambda file: file.stem)
def test_a_configuration_that_cannot_work_is_refused_in_one_line_before_the_first_page(file: Path) -> None:
    with pytest.raises(ValidationFailed) as error:
        check_providers(load_config(str(file)))
    assert is_one_line(error.value)
    assert "configuration" in str(error.value) or "home folder" in str(error.value)
