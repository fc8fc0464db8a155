"""Lists: what one filters, sorts and marks is what one sees, and what one acts on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from imtui import services
from imtui.app import ImtuiApp
from imtui.domain.audit import Record
from imtui.domain.contact import Channel, ChannelType, Contact, ContactType
from imtui.domain.errors import Unavailable
from imtui.domain.filter import Field, Fields, Filter, Kind, matches, parse
from imtui.domain.incident import Impact, IncidentTemplate, ResponsePlan
from imtui.domain.plan import ChannelTarget, ContactTarget, Stage
from imtui.services.context import Context
from imtui.services.events import KeptEvent
from imtui.services.messages import Message
from screens import filters
from screens.alarms import AlarmsScreen, Wrong
from screens.arranging import Arrangement, Order, next_match, sorted_by
from screens.audit import AuditScreen
from screens.contact import ContactScreen
from screens.contacts import ContactsScreen, Person
from screens.dialogs import Confirm
from screens.events import EventsScreen
from screens.listing import ListScreen
from screens.notifications import NotificationsScreen
from screens.plans import PlansScreen
from screens.prompt import Prompt
from screens.response_plans import ResponsePlansScreen, Weighed
from storage.alarms import raise_alarm
from tests.screens.conftest import Opened, text_of, until

LISTS: tuple[type[ListScreen[Any]], ...] = (
    ContactsScreen,
    ContactScreen,
    PlansScreen,
    ResponsePlansScreen,
    NotificationsScreen,
    EventsScreen,
    AuditScreen,
    AlarmsScreen,
)


async def people(team: Context, *aliases: str) -> None:
    for alias in aliases:
        await services.contacts.create(team, alias, display_name=alias.title())


def aliases(app: ImtuiApp) -> list[str]:
    """The people that the list shows, in order."""
    assert isinstance(app.screen_stack[1], ContactsScreen)
    return [person.contact.alias for person in app.screen_stack[1].table.items]


def title(app: ImtuiApp) -> str:
    return text_of(app).splitlines()[0]


async def contacts(app: ImtuiApp, pilot: Any, count: int) -> ContactsScreen:
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(app.screen, ContactsScreen) and app.screen.table.count == count)
    assert isinstance(app.screen, ContactsScreen)
    return app.screen


async def filtered(app: ImtuiApp, pilot: Any, text: str) -> None:
    await pilot.press("slash")
    await until(pilot, lambda: isinstance(app.screen, Prompt))
    await pilot.press(*text, "enter")
    await until(pilot, lambda: not isinstance(app.screen, Prompt))


@pytest.mark.parametrize("screen", LISTS)
def test_each_list_can_be_filtered_and_sorted_by_what_it_shows(screen: type[ListScreen[Any]]) -> None:
    assert screen.ACTS >= ListScreen.ACTS
    assert list(screen.FIELDS)
    for column in screen.COLUMNS:
        room = min(column.width, column.narrow or column.width)
        assert column.title
        assert not column.width or len(column.title) + 2 <= room, f"{column.title}: no room for the sign of the order"


WHEN = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
SMS = Channel("arn:channel", "arn:contact/ana", "mobile", ChannelType.SMS, "+4915100000001", True)
ANA = Contact("arn:contact/ana", "ana", ContactType.PERSONAL, "Ana", (Stage(5, (ChannelTarget("arn:channel"),)),))
NIGHT = Contact("arn:contact/night", "night", ContactType.ESCALATION, stages=(Stage(5, (ContactTarget(ANA.arn),)),))
WEB = ResponsePlan("arn:web", "web", IncidentTemplate("Web shop is down", Impact.HIGH), engagements=(NIGHT.arn,))
SENT = Message("m", "page", "Sent", WHEN, WHEN, WHEN, "Ana", "mobile", "+49", "subject", "body", "", 1, True, (7, 9))
RECORD = Record(
    id=7,
    request_id="11111111-1111",
    at=WHEN,
    caller="ana",
    login="root",
    origin="api",
    action="ssm-incidents:StartIncident",
    resource="arn:web",
    parameters='{"title": "Till"}',
    error="AccessDeniedException",
    message="may not",
    address="192.0.2.7",
    access_key="AKIA",
    user_agent="Boto3",
    read_only=False,
)
ITEMS: tuple[tuple[ListScreen[Any], Any, str], ...] = (
    (ContactsScreen(), Person(ANA, [SMS]), "alias:=ana name:a channel:sms|x !is:unreachable !tag:x mobile"),
    (ContactScreen("ana"), SMS, "name:mob type:sms address:+49 is:activated !result:x !used:today mobile"),
    (PlansScreen(), NIGHT, "alias:night !name:x uses:=ana !is:repeating !tag:x 5:"),
    (
        ResponsePlansScreen(),
        Weighed(WEB, ["one"]),
        "name:web title:shop impact:2 uses:night is:weak !chat:x !tag:x high",
    ),
    (
        NotificationsScreen(),
        SENT,
        "state:sent to:ana by:mobile kind:page incident:9 since:03:10 subject:sub tries:<2 is:uncertain ana",
    ),
    (
        EventsScreen(),
        KeptEvent("e", WHEN, "aws.cloudwatch", "Alarm State Change", "checkout", "started", None),
        "did:started from:aws what:check type:alarm since:today checkout",
    ),
    (
        AuditScreen(),
        RECORD,
        "who:=ana who:root what:start on:web from:192 from:api result:access is:refused is:change id:1111 key:AKIA"
        " since:today till",
    ),
    (AlarmsScreen(), Wrong("NOBODY LEFT TO PAGE: #1", WHEN, incident="i"), "what:nobody is:silent since:2026-03 left"),
    (AlarmsScreen(), Wrong("SMS is not going out", WHEN, "provider:SMS"), "is:alarm since:<24h sms"),
)


@pytest.mark.parametrize(("screen", "item", "text"), ITEMS, ids=lambda value: type(value).__name__)
def test_every_field_and_column_of_a_list_tells_of_its_items(screen: ListScreen[Any], item: Any, text: str) -> None:
    facts = screen.facts(item)
    assert facts.keys() == {field.name for field in screen.FIELDS} | {""}
    assert len(screen.ranks(item)) == len(screen.COLUMNS)
    assert matches(parse(text, screen.FIELDS), facts, WHEN)
    for term in parse(text, screen.FIELDS):
        assert not matches(Filter([term._replace(negated=not term.negated)]), facts, WHEN)


def test_the_page_on_filters_names_every_field_of_every_list() -> None:
    page = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")
    for screen in LISTS:
        for field in screen.FIELDS:
            assert f"`{field.name}:`" in page, f"{screen.__name__} {field.name}"
            for choice in field.choices:
                assert choice in page, choice


@pytest.mark.parametrize(
    ("ranks", "descending", "order"),
    [
        ([2, 1, 3], False, [1, 0, 2]),
        ([2, 1, 3], True, [2, 0, 1]),
        ([2, None, 1], False, [2, 0, 1]),
        ([2, None, 1], True, [0, 2, 1]),
        (["b", "a", "b"], False, [1, 0, 2]),
        (["b", "a", "b"], True, [0, 2, 1]),
        ([None, None], True, [0, 1]),
    ],
)
def test_what_has_no_rank_comes_last_and_equals_stay(ranks: list[Any], descending: bool, order: list[int]) -> None:
    assert sorted_by(ranks, descending) == order


@pytest.mark.parametrize(
    ("matching", "cursor", "by", "found"),
    [
        ([1, 4], 0, 1, (1, False)),
        ([1, 4], 1, 1, (4, False)),
        ([1, 4], 4, 1, (1, True)),
        ([1, 4], 4, -1, (1, False)),
        ([1, 4], 1, -1, (4, True)),
        ([1], 1, 1, (1, True)),
        ([], 1, 1, None),
    ],
)
def test_the_next_match_wraps_round(matching: list[int], cursor: int, by: int, found: tuple[int, bool] | None) -> None:
    assert next_match(matching, cursor, by) == found


def test_items_are_looked_at_once_however_often_one_filters_and_changes_come() -> None:
    """Five thousand items answer each key in time because of this."""
    fields = Fields(Field("name", Kind.TEXT, "its name"))
    looked: list[str] = []
    ranked: list[str] = []

    def facts(item: str) -> dict[str, Any]:
        looked.append(item)
        return {"name": item, "": item}

    def ranks(item: str) -> tuple[str]:
        ranked.append(item)
        return (item,)

    arrangement: Arrangement[str] = Arrangement(facts, ranks)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    items = [f"item {number:04}" for number in range(5000)]
    arrangement.take(items)
    arrangement.sort(Order(0, True))
    for text in ("", "n", "na", "name:", "name:item", "name:item 00", "name:item 001"):
        arrangement.take(list(items))  # a change that concerns none of them
        arrangement.filter = parse(text, fields)
        arrangement.shown(now)
    assert arrangement.shown(now)[:2] == ["item 4001", "item 3001"]
    assert (len(looked), len(ranked)) == (5000, 5000)
    arrangement.take([*items, "item 9001"])
    assert arrangement.shown(now)[:2] == ["item 9001", "item 4001"]


async def test_it_filters_as_one_types_and_esc_goes_back_one_step_at_a_time(team: Context, opened: Opened) -> None:
    await people(team, "cleo", "carl", "dora")
    async with opened(size=(120, 24)) as (app, pilot):
        await contacts(app, pilot, 5)
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        await pilot.press(*"alias:c")
        await until(pilot, lambda: aliases(app) == ["carl", "cleo"])
        assert "filter: alias:c" in title(app)
        assert "2 of 5" in title(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(aliases(app)) == 5)
        await filtered(app, pilot, "alias:c")
        await pilot.press("space")
        await until(pilot, lambda: "1 marked" in title(app))
        await pilot.press("escape")
        await until(pilot, lambda: "marked" not in title(app))
        assert "filter: alias:c" in title(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(aliases(app)) == 5)
        assert "filter" not in title(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ContactsScreen))


async def test_a_wrong_filter_says_why_and_stays_to_be_put_right(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 24)) as (app, pilot):
        await contacts(app, pilot, 2)
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        await pilot.press(*"is:unr")
        await until(pilot, lambda: aliases(app) == [])
        await pilot.press(*"x")
        await until(pilot, lambda: "use unreachable" in text_of(app))
        assert "use unreachable" not in title(app)  # the line itself says it
        prompt = app.screen
        await pilot.press("enter")
        await until(pilot, lambda: prompt.query_one("#wrong").has_class("-shown"))
        assert app.screen is prompt
        await pilot.press(*["backspace"] * 7, *"ana", "enter")
        await until(pilot, lambda: isinstance(app.screen, ContactsScreen))
        assert aliases(app) == ["ana"]
        assert "unreachable" not in title(app)


async def test_esc_leaves_a_wrong_filter_for_the_one_before(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 24)) as (app, pilot):
        await contacts(app, pilot, 2)
        await filtered(app, pilot, "ana")
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        await pilot.press(*" is:x", "escape")
        await until(pilot, lambda: isinstance(app.screen, ContactsScreen))
        assert aliases(app) == ["ana"]
        assert "filter: ana  1 of 2" in title(app)


async def test_an_empty_list_says_what_matches_nothing_and_how_to_see_all(team: Context, opened: Opened) -> None:
    async with opened(size=(80, 24)) as (app, pilot):
        await contacts(app, pilot, 2)
        await filtered(app, pilot, "name:zoe")
        await until(pilot, lambda: "Nothing matches name:zoe   esc clears the filter." in text_of(app))
        await pilot.press("D")
        await until(pilot, lambda: "nothing matches the filter" in text_of(app))


async def test_matches_are_gone_through_after_the_filter_was_cleared(team: Context, opened: Opened) -> None:
    await people(team, "cleo", "carl", "dora")
    async with opened(size=(120, 24)) as (app, pilot):
        screen = await contacts(app, pilot, 5)
        await pilot.press("n")
        await until(pilot, lambda: "/ sets one" in text_of(app))
        await filtered(app, pilot, "alias:c")
        await pilot.press("escape", "g", "n")
        assert aliases(app)[screen.table.cursor] == "carl"
        await pilot.press("n")
        assert aliases(app)[screen.table.cursor] == "cleo"
        await pilot.press("n")
        assert aliases(app)[screen.table.cursor] == "carl"
        await until(pilot, lambda: "on from the top" in text_of(app))
        await pilot.press("N")
        assert aliases(app)[screen.table.cursor] == "cleo"
        await until(pilot, lambda: "on from the bottom" in text_of(app))


async def test_a_column_is_sorted_by_and_turned_round_and_left_alone_again(team: Context, opened: Opened) -> None:
    await people(team, "cleo", "carl")
    async with opened(size=(80, 24)) as (app, pilot):
        screen = await contacts(app, pilot, 4)
        await pilot.press("G")
        here = screen.table.selected
        assert here is not None
        for keys, order, head in (
            (("2",), ["ana", "ben", "carl", "cleo"], "Name ▲"),
            (("2",), ["cleo", "carl", "ben", "ana"], "Name ▼"),
            (("enter",), ["ana", "ben", "carl", "cleo"], "Name ▲"),
            (("5",), ["ana", "ben", "carl", "cleo"], "Name   "),
        ):
            await pilot.press("o")
            await until(pilot, lambda: "Sort by" in text_of(app))
            await pilot.press(*keys)
            await until(pilot, lambda head=head: head in text_of(app))  # type: ignore[misc]
            assert aliases(app) == order
            assert screen.table.selected is not None
            assert screen.table.selected.contact.alias == here.contact.alias


async def test_marks_and_cursor_stay_through_changes_and_what_vanishes_is_not_marked(
    team: Context, opened: Opened
) -> None:
    await people(team, "cleo", "carl", "dora")
    async with opened(size=(120, 24)) as (app, pilot):
        screen = await contacts(app, pilot, 5)
        await pilot.press("j", "j", "space", "space")
        assert {key.rpartition("/")[2] for key in screen.table.marked} == {"carl", "cleo"}
        assert screen.table.selected is not None
        assert screen.table.selected.contact.alias == "dora"
        await services.contacts.delete(team, "carl")
        await people(team, "abe")
        await until(pilot, lambda: "abe" in aliases(app) and "carl" not in aliases(app))
        await until(pilot, lambda: "1 marked" in title(app))
        assert screen.table.selected.contact.alias == "dora"
        await filtered(app, pilot, "!cleo")
        await until(pilot, lambda: "1 marked, 1 not shown" in title(app))
        await pilot.press("asterisk")
        await until(pilot, lambda: "5 marked, 1 not shown" in title(app))
        await pilot.press("asterisk")
        await until(pilot, lambda: "1 marked, 1 not shown" in title(app))


async def test_many_are_deleted_after_one_question_and_what_is_refused_is_said(team: Context, opened: Opened) -> None:
    await people(team, "carl", "dora", "eve")
    async with opened(size=(120, 36)) as (app, pilot):
        screen = await contacts(app, pilot, 5)
        await pilot.press("asterisk", "G", "space", "D")  # all but eve
        await until(pilot, lambda: "Delete 4 contacts?" in text_of(app))
        assert "ana, ben, carl, dora" in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert len(aliases(app)) == 5
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("right", "enter")
        await until(pilot, lambda: aliases(app) == ["ana", "ben", "eve"])
        said = " ".join(text_of(app).split())
        assert "ana: " in said
        assert "ben: " in said
        await until(pilot, lambda: "2 contacts are deleted" in text_of(app))
        assert {key.rpartition("/")[2] for key in screen.table.marked} == {"ana", "ben"}


async def test_when_the_database_goes_away_the_rest_is_not_tried_one_by_one(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(team, "carl", "dora")
    tried: list[str] = []

    async def away(context: Context, ref: str) -> None:
        tried.append(ref)
        raise Unavailable("the disk is gone")

    async with opened(size=(120, 36)) as (app, pilot):
        await contacts(app, pilot, 4)
        monkeypatch.setattr(services.contacts, "delete", away)
        await pilot.press("asterisk", "D")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "the disk is gone" in text_of(app))
        assert len(tried) == 1


async def test_a_line_is_copied_for_each_that_is_marked(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(size=(120, 24)) as (app, pilot):
        screen = await contacts(app, pilot, 2)
        copied: list[str] = []
        monkeypatch.setattr(app, "copied", copied.append)
        await pilot.press("y", "asterisk", "y")
        assert copied == [screen.table.items[0].contact.arn, "\n".join(p.contact.arn for p in screen.table.items)]


async def test_notice_is_taken_of_many_alarms_but_not_of_what_stays(team: Context, opened: Opened) -> None:
    async with team.database.write(team.now()) as unit:
        for key in ("provider:SMS", "provider:EMAIL"):
            await raise_alarm(unit, key, f"{key} does not answer")
    async with opened(size=(120, 36)) as (app, pilot):
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, AlarmsScreen) and app.screen.table.count == 3)
        await pilot.press("asterisk", "d")
        await until(pilot, lambda: "Take notice of 2 alarms?" in text_of(app))
        await pilot.press("right", "enter")
        await until(pilot, lambda: isinstance(app.screen, AlarmsScreen) and app.screen.table.count == 1)
        await until(pilot, lambda: "2 alarms are off" in text_of(app))
        assert "this stays until" in text_of(app)


async def test_a_plan_can_be_made_while_channels_are_filtered(team: Context, opened: Opened) -> None:
    """The form knows all channels, not only those that one sees."""
    async with opened(size=(120, 36)) as (app, pilot):
        await contacts(app, pilot, 2)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ContactScreen) and app.screen.table.count == 2)
        await filtered(app, pilot, "type:sms")
        await until(pilot, lambda: "1 of 2" in title(app))
        await pilot.press("P")
        await until(pilot, lambda: "Channels: e-mail, SMS" in text_of(app) or "Channels: SMS, e-mail" in text_of(app))


class Kept:
    """Saved filters of one list, in memory."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {"nobody": "is:unreachable"}
        self.places: set[str] = set()

    async def saved(self, context: Context, place: str) -> dict[str, str]:
        self.places.add(place)
        return dict(self.texts)

    async def save(self, context: Context, place: str, name: str, text: str) -> None:
        assert place == "contacts"
        self.texts[name] = text

    async def delete(self, context: Context, place: str, name: str) -> None:
        del self.texts[name]


async def test_a_filter_is_saved_called_back_and_deleted(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(team, "carl")
    kept = Kept()
    monkeypatch.setattr(filters, "store", lambda: kept)
    async with opened(size=(120, 36)) as (app, pilot):
        await contacts(app, pilot, 3)
        await pilot.press("F")
        await until(pilot, lambda: "is:unreachable" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: aliases(app) == ["carl"])
        await pilot.press("escape")
        await filtered(app, pilot, "!carl")
        await pilot.press("F", "enter")
        await until(pilot, lambda: "Save this filter" in text_of(app))
        await pilot.press(*"others", "f2")
        await until(pilot, lambda: kept.texts.get("others") == "!carl")
        await pilot.press("escape")
        await until(pilot, lambda: len(aliases(app)) == 3)
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        await pilot.press(*"@oth", "tab", "enter")
        await until(pilot, lambda: aliases(app) == ["ana", "ben"])
        await pilot.press("escape", "F")
        await until(pilot, lambda: "Saved filters" in text_of(app))
        await pilot.press("D")
        await until(pilot, lambda: "Delete this saved filter?" in text_of(app))
        await pilot.press("right", "enter")
        await until(pilot, lambda: kept.texts == {"others": "!carl"})
        await pilot.press("escape")
        assert kept.places == {"contacts"}


async def test_one_can_filter_while_saved_filters_cannot_be_read(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(Kept):
        async def saved(self, context: Context, place: str) -> dict[str, str]:
            raise Unavailable("the disk is gone")

    monkeypatch.setattr(filters, "store", Away)
    async with opened(size=(120, 36)) as (app, pilot):
        await contacts(app, pilot, 2)
        await filtered(app, pilot, "ben")
        await until(pilot, lambda: aliases(app) == ["ben"])
        await pilot.press("F")
        await until(pilot, lambda: "the disk is gone" in text_of(app))


@pytest.mark.slow
async def test_every_list_is_filtered_by_each_of_its_fields(team: Context, opened: Opened) -> None:
    await services.channels.create(team, "ben", "mobile", ChannelType.SMS, "+4915100000002")
    await services.incidents.start(team, "web")
    async with opened(size=(120, 36)) as (app, pilot):
        for key, text in (
            ("f3", "alias:a name:ana channel:sms !is:unreachable !tag:x ana@example.com"),
            ("f4", "alias:night name:shift uses:ben !is:repeating !tag:x 10:"),
            ("f5", "name:web title:shop impact:high uses:night !is:silent !chat:x tag:team=shop"),
            ("f6", "state:waiting|kept-here to:ben kind:activation by:mobile !incident:1 since:24h !is:uncertain"),
        ):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, ListScreen) and app.screen.table.count > 0)
            await filtered(app, pilot, text)
            screen = app.screen
            assert isinstance(screen, ListScreen)
            assert screen.table.count == 1, (key, text, text_of(app))
