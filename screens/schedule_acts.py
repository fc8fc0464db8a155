"""What one does to an on-call schedule: rename, copy and delete it, take a shift, override one, leave a note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from imtui import services
from imtui.domain.errors import ValidationFailed
from imtui.domain.instants import FORMS, moment
from imtui.services.overrides import OverrideRecord
from imtui.services.schedules import Draft, Schedule
from screens.forms import Field, Form, Theirs
from screens.live import LiveScreen

CONFIRM = "confirm"
NOBODY = ""


async def rename(screen: LiveScreen, alias: str) -> None:
    """Edit a schedule's name; its rotations are edited in its calendar."""
    base = await services.schedules.get(screen.context, alias)

    def version(schedule: Schedule) -> dict[str, Any]:
        return {"display_name": schedule.contact.display_name}

    async def submit(values: dict[str, Any]) -> Schedule:
        return await services.schedules.update(
            screen.context,
            alias,
            [Draft(rotation.spec, rotation.arn) for rotation in base.rotations],
            display_name=values["display_name"],
            revision=base.contact.revision,
        )

    async def theirs() -> Theirs:
        nonlocal base
        base = await services.schedules.get(screen.context, alias)
        return Theirs(version(base))

    now = version(base)
    fields = [Field("display_name", "Name", now["display_name"])]
    if await screen.ask(Form(f"On-call schedule {alias}", fields, submit, theirs=theirs)) is not None:
        screen.host.said(f"{alias} is changed")


async def duplicate(screen: LiveScreen, alias: str) -> None:
    """Make a schedule like this one, whose rotations begin anew."""
    base = await services.schedules.get(screen.context, alias)
    now = screen.context.now()
    starts = []
    for rotation in base.rotations:
        local = rotation.kept.now.start.astimezone(rotation.kept.now.zone)
        begin = now.astimezone(rotation.kept.now.zone) + timedelta(days=1)
        starts.append(f"{begin:%Y-%m-%d} {local:%H:%M}")
    fields = [
        Field("alias", "Alias of the copy", help="lower-case letters, digits, - and _"),
        *(
            Field(f"start{index}", f"Start of {rotation.name} ({rotation.kept.now.zone.key})", start)
            for index, (rotation, start) in enumerate(zip(base.rotations, starts, strict=True))
        ),
    ]

    async def submit(values: dict[str, Any]) -> Schedule:
        begins = [
            moment(values[f"start{index}"], now.astimezone(rotation.kept.now.zone), f"start{index}")
            for index, rotation in enumerate(base.rotations)
        ]
        for index, begin in enumerate(begins):
            if begin < screen.context.now():
                raise ValidationFailed("a copied rotation begins now or later, not in the past", f"start{index}")
        return await services.schedules.copy(screen.context, alias, values["alias"], begins)

    made = await screen.ask(Form(f"Copy of {alias}", fields, submit, verb="Make the copy"))
    if made is not None:
        screen.host.said(f"{made.contact.alias} is made, a copy of {alias}")


async def delete(screen: LiveScreen, alias: str) -> None:
    """Delete a schedule, after its rotations are named and `confirm` was typed."""
    found = await services.schedules.get(screen.context, alias)
    names = ", ".join(rotation.name for rotation in found.rotations) or "none"

    async def submit(values: dict[str, Any]) -> bool:
        if values["confirm"].strip().lower() != CONFIRM:
            raise ValidationFailed(f"type {CONFIRM} to delete it", "confirm")
        await services.schedules.delete(screen.context, alias)
        return True

    field = Field("confirm", f"Type {CONFIRM}")
    note = f"Its rotations ({names}) and their overrides go with it. Nobody can be engaged by it any more."
    if await screen.ask(Form(f"Delete {alias}?", [field], submit, verb="Delete", note=note)) is not None:
        screen.host.said(f"{alias} is deleted")


async def take(screen: LiveScreen, alias: str) -> None:
    """Put oneself on call for the shift that runs now."""
    taken = await services.oncall.take(screen.context, alias)
    screen.host.said(f"you are on call in {alias} until {screen.local(taken.end)[:16]}")


async def leave_note(screen: LiveScreen, alias: str) -> None:
    """Write down what those who follow should know."""
    found = await services.oncall.notes(screen.context, alias, 5)
    before = "\n".join(f"{screen.day(note.at)} {note.author}: {' '.join(note.text.split())[:120]}" for note in found)

    async def submit(values: dict[str, Any]) -> Any:
        return await services.oncall.leave_note(screen.context, alias, values["note"])

    field = Field("note", "For those who follow", kind="area")
    if await screen.ask(Form(f"Hand-over note of {alias}", [field], submit, note=before)) is not None:
        screen.host.said("the note is left for those who follow")


async def override(screen: LiveScreen, alias: str, at: datetime, zone: ZoneInfo) -> None:
    """Put somebody else of a rotation on call for a time; it begins with what was chosen in the calendar."""
    schedule = await services.schedules.get(screen.context, alias)
    people = await services.contacts.list_contacts(screen.context)
    labels = {person.arn: person.label for person in people}
    if not schedule.rotations:
        screen.host.said(screen.keyed("there is no rotation yet: {new} adds one"), wrong=True)
        return
    now = screen.context.now()
    begin = max(at, now)
    day = begin + timedelta(days=1)
    pieces = [
        (piece.start, piece.end, each.arn) for each in schedule.rotations for piece in each.kept.shifts(begin, day)
    ]
    start, end, rotation = min(pieces, default=(begin, begin + timedelta(hours=8), schedule.rotations[0].arn))
    start = max(start, begin)
    standing = dict.fromkeys(arn for rotation in schedule.rotations for arn in rotation.kept.now.contacts)
    fields = [
        Field(
            "rotation",
            "Rotation",
            rotation,
            "choice",
            choices=tuple((f"{each.name} ({each.kept.now.zone.key})", each.arn) for each in schedule.rotations),
        ),
        Field(
            "contacts",
            "On call instead",
            None,
            "choice",
            choices=(*((labels.get(arn, arn), arn) for arn in standing), ("nobody", NOBODY)),
        ),
        Field("start", "From", f"{start.astimezone(zone):%Y-%m-%d %H:%M}", help=f"{zone.key}; {FORMS}"),
        Field("end", "To", f"{end.astimezone(zone):%Y-%m-%d %H:%M}", help="at least 30 minutes later"),
    ]

    async def submit(values: dict[str, Any]) -> OverrideRecord:
        if values["contacts"] is None:
            raise ValidationFailed("choose who is on call instead", "contacts")
        chosen = [values["contacts"]] if values["contacts"] != NOBODY else []
        begins, ends = (moment(values[name], now.astimezone(zone), name) for name in ("start", "end"))
        return await services.overrides.create(screen.context, values["rotation"], chosen, begins, ends)

    if await screen.ask(Form(f"Override a shift of {alias}", fields, submit, verb="Override")) is not None:
        screen.host.said("the override stands: it is striped in the calendar")


async def remove_override(screen: LiveScreen, schedule: Schedule, begin: datetime, end: datetime) -> bool:
    """Take back an override that touches a range; False where there is none."""
    from screens.chooser import Choice, Chooser

    found: list[tuple[str, OverrideRecord]] = []
    for rotation in schedule.rotations:
        made = await services.overrides.list_overrides(screen.context, rotation.arn, begin, end)
        found += [(rotation.name, each) for each in made]
    if not found:
        return False
    chosen = found[0][1].id
    if len(found) > 1:
        choices = [Choice(each.id, name, _span(screen, each)) for name, each in found]
        picked = await screen.ask(Chooser("Which override?", choices))
        if picked is None:
            return True
        chosen = picked.id
    name, each = next((name, each) for name, each in found if each.id == chosen)
    text = f"{name}: {_span(screen, each)}. The rotation decides again from now on."
    if await screen.sure("Take this override back?", text, "Take back"):
        await services.overrides.delete(screen.context, each.rotation_arn, each.id)
        screen.host.said("the override is taken back")
    return True


def _span(screen: LiveScreen, override_: OverrideRecord) -> str:
    who = ", ".join(arn.rpartition("/")[2] for arn in override_.contacts) or "nobody"
    return f"{who} from {screen.local(override_.start)[:16]} to {screen.local(override_.end)[:16]}"


def drafts_of(schedule: Schedule) -> Sequence[Draft]:
    """The rotations of a schedule as they stand."""
    return [Draft(rotation.spec, rotation.arn) for rotation in schedule.rotations]
