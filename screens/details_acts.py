"""What can be done where the details of an incident stand: with the incident, and with what the cursor is on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partialmethod
from typing import Any, ClassVar

from imtui import services
from imtui.domain.engagement import Engagement
from imtui.domain.incident import Incident
from imtui.domain.timeline import RelatedItem, TimelineEvent
from screens import details_text as text_of
from screens import event_text
from screens.details_body import ENGAGEMENTS, NOTES, OVERVIEW, RELATED, TIMELINE, Body
from screens.live import LiveScreen
from widgets.entries import Entries
from widgets.virtual import VirtualList
from widgets.virtual_table import VirtualTable

_INCIDENT_ACTS = (
    *("acknowledge", "take", "note", "engage", "edit", "event", "resolve", "reopen", "escalate", "stop"),
    *("page-again", "hand-over", "tags", "jump", "replay", "rehearse", "drill"),
)
_LIST_ACTS = ("open", "new", "delete", "copy", "back", "filter", "zoom", "tab-next", "tab-previous", "left", "right")


class DetailsActs(LiveScreen):
    """The acts of the details; what is shown, and what the cursor is on, is for `DetailsScreen` to know."""

    ACTS: ClassVar[frozenset[str]] = frozenset({*_INCIDENT_ACTS, *_LIST_ACTS, *(f"tab-{n}" for n in range(1, 9))})

    incident_id: str
    incident: Incident | None
    engagements: list[Engagement]
    tab: int = OVERVIEW
    filter: str = ""
    """What the timeline is filtered by."""

    def selected(self) -> Any:
        """What the cursor is on."""
        raise NotImplementedError

    def show_tab(self, tab: int) -> None:
        """Go to a tab."""
        raise NotImplementedError

    def tab_count(self) -> int:
        """How many tabs there are."""
        raise NotImplementedError

    def zoom(self) -> None:
        """Give the whole width to what has the focus, or take it back."""
        raise NotImplementedError

    def filter_timeline(self, text: str) -> None:
        """Show what a filter lets through; raises ValidationFailed for one that means nothing."""
        raise NotImplementedError

    def filter_as_typed(self, text: str) -> str:
        """As `filter_timeline`; one that means nothing changes nothing, and why is returned."""
        raise NotImplementedError

    def filter_values(self) -> Mapping[str, Sequence[str]]:
        """Whom the timeline tells of, for completion."""
        raise NotImplementedError

    # ------------------------------------------------------------ moving

    def _to_tab(self, tab: int) -> None:
        self.show_tab(tab)

    act_tab_1 = partialmethod(_to_tab, 0)
    act_tab_2 = partialmethod(_to_tab, 1)
    act_tab_3 = partialmethod(_to_tab, 2)
    act_tab_4 = partialmethod(_to_tab, 3)
    act_tab_5 = partialmethod(_to_tab, 4)
    act_tab_6 = partialmethod(_to_tab, 5)
    act_tab_7 = partialmethod(_to_tab, 6)

    def act_tab_8(self) -> None:
        """The notes; where they stand at the right, go there."""
        if self.has_class("-narrow"):
            self.show_tab(NOTES)
        else:
            self.query_one(Entries).focus()

    def act_right(self) -> None:
        """From the tab to the notes beside it."""
        if not self.has_class("-narrow"):
            self.query_one(Entries).focus()

    def act_left(self) -> None:
        """From the notes back to the tab."""
        if self.focused is self.query_one(Entries) and self.tab != NOTES:
            self.show_tab(self.tab)

    def act_tab_next(self) -> None:
        self.show_tab((self.tab + 1) % self.tab_count())

    def act_tab_previous(self) -> None:
        self.show_tab((self.tab - 1) % self.tab_count())

    def act_zoom(self) -> None:
        self.zoom()

    def act_back(self) -> None:
        """One step: out of the notes, out of a filter, out of the incident."""
        if self.focused is self.query_one(Entries) and self.tab != NOTES:
            self.query_one(Body).target(self.tab).focus()
        elif self.tab == TIMELINE and self.filter:
            self.filter_timeline("")
        else:
            self.app.pop_screen()

    def act_open(self) -> None:
        self._opened(self.selected())

    def on_virtual_list_picked(self, event: VirtualList.Picked) -> None:
        self._opened(event.item)

    def act_jump(self) -> None:
        """Go to what the cursor is on tells of."""
        self.perform(self._jump)

    def act_replay(self) -> None:
        from screens.replay import replay

        self.perform(lambda: replay(self, self.incident_id, self._labels()))

    def act_rehearse(self) -> None:
        """What is still to come, as the incident stands."""
        from screens.rehearsal import RehearsalScreen

        self.app.push_screen(RehearsalScreen(self.incident.arn if self.incident else self.incident_id))

    def act_drill(self) -> None:
        from screens.drills import answers

        self.perform(lambda: answers(self, self.incident_id))

    def act_filter(self) -> None:
        """Filter the timeline as one types."""
        from screens.filtering import HOW_TO_FILTER

        async def ask() -> None:
            from imtui.domain.filter_completing import begin, completions
            from imtui.domain.timeline_filter import FIELDS
            from screens.prompt import Prompt

            before, values, wrong = self.filter, self.filter_values(), ""

            def changed(text: str) -> None:
                nonlocal wrong
                wrong = self.filter_as_typed(text)

            def tell(_: str) -> tuple[str, bool]:
                return (wrong, True) if wrong else (HOW_TO_FILTER, False)

            async def submit(text: str) -> str:
                return self.filter_as_typed(text)

            prompt = Prompt(
                "/",
                before,
                changed,
                history=self.host.history("filters"),
                complete=lambda text: completions(text, FIELDS, values),
                begin=begin,
                tell=tell,
                submit=submit,
            )
            text: str | None = None
            try:
                text = await self.ask(prompt)
            finally:
                self.filter_timeline(before if text is None else text)

        if self.tab != TIMELINE:
            self.show_tab(TIMELINE)
        self.perform(ask)

    # ------------------------------------------------------------ the incident

    def act_acknowledge(self) -> None:
        from screens.incident_acts import acknowledge

        self.perform(lambda: acknowledge(self))

    def act_take(self) -> None:
        from screens.incident_acts import take

        self.perform(lambda: take(self, self.incident_id))

    def act_note(self) -> None:
        from screens.incident_acts import note

        self.perform(lambda: note(self, self.incident_id))

    def act_engage(self) -> None:
        from screens.incident_acts import engage

        self.perform(lambda: engage(self, self.incident_id))

    def act_event(self) -> None:
        from screens.incident_acts import event

        self.perform(lambda: event(self, self.incident_id))

    def act_resolve(self) -> None:
        from screens.incident_acts import resolve

        self.perform(lambda: resolve(self, self.incident_id))

    def act_reopen(self) -> None:
        from screens.incident_acts import reopen

        self.perform(lambda: reopen(self, self.incident_id))

    def act_tags(self) -> None:
        from screens.incident_acts import tags

        self.perform(lambda: tags(self, self.incident_id))

    # ------------------------------------------------------------ engagements

    def act_escalate(self) -> None:
        """Begin the next stage of a plan now: of the one under the cursor, or of the only one."""
        from screens.engagement_acts import escalate

        chosen = self.selected()
        self.perform(lambda: escalate(self, chosen if isinstance(chosen, Engagement) else None, self.engagements))

    def act_stop(self) -> None:
        """Stop the engagement under the cursor."""
        from screens.engagement_acts import stop

        self._with_engagement(stop)

    def act_page_again(self) -> None:
        """Page the person under the cursor again."""
        from screens.engagement_acts import page_again

        self._with_engagement(lambda screen, line: page_again(screen, self.incident_id, line))

    def act_hand_over(self) -> None:
        from screens.engagement_acts import hand_over

        self.perform(lambda: hand_over(self, self.incident_id))

    def _with_engagement(self, act: Callable[[LiveScreen, Engagement], Coroutine[Any, Any, None]]) -> None:
        chosen = self.selected()
        if isinstance(chosen, Engagement):
            self.perform(lambda: act(self, chosen))
            return
        if self.tab != ENGAGEMENTS:
            self.show_tab(ENGAGEMENTS)
        self.host.said("choose an engagement first: the same key then does it", wrong=True)

    # ------------------------------------------------------------ what the cursor is on

    def act_edit(self) -> None:
        """Edit what the cursor is on: an entry of the timeline, a tag, else the incident."""
        from screens.incident_acts import edit, event, note, tags

        chosen = self.selected()
        if isinstance(chosen, TimelineEvent) and event_text.is_note(chosen):
            self.perform(lambda: note(self, self.incident_id, chosen.id))
        elif isinstance(chosen, TimelineEvent) and chosen.writable:
            self.perform(lambda: event(self, self.incident_id, chosen.id))
        elif isinstance(chosen, text_of.Property) and chosen.name.startswith("Tag "):
            self.perform(lambda: tags(self, self.incident_id))
        else:
            self.perform(lambda: edit(self, self.incident_id))

    def act_new(self) -> None:
        """Add what this tab lists."""
        from screens.incident_acts import event, related

        if self.tab == RELATED:
            self.perform(lambda: related(self, self.incident_id))
        elif self.tab == ENGAGEMENTS:
            self.act_engage()
        elif self.tab == NOTES or self.focused is self.query_one(Entries):
            self.act_note()
        else:
            self.perform(lambda: event(self, self.incident_id))

    def act_delete(self) -> None:
        from screens.incident_acts import remove_event

        chosen = self.selected()
        if isinstance(chosen, TimelineEvent):
            if chosen.writable:
                self.perform(lambda: remove_event(self, self.incident_id, chosen.id))
            else:
                self.host.said("only notes and custom events can be deleted: this one was recorded", wrong=True)
        elif isinstance(chosen, RelatedItem):
            self.perform(lambda: self._remove_item(chosen))

    async def _remove_item(self, item: RelatedItem) -> None:
        if await self.sure("Remove this related item?", "What it points to stays.", "Remove"):
            await services.related.remove(self.context, self.incident_id, item.id)
            self.host.said("the related item is removed")

    def act_copy(self) -> None:
        chosen = self.selected()
        if isinstance(chosen, TimelineEvent):
            self.host.copied(chosen.text)
        elif isinstance(chosen, RelatedItem):
            self.host.copied(services.related.shown_value(chosen.value))
        elif isinstance(chosen, Engagement):
            self.host.copied(chosen.contact_arn)
        elif isinstance(chosen, text_of.Property):
            self.host.copied(chosen.value)
        elif self.incident is not None:
            self.host.copied(self.incident.arn)

    def on_entries_picked(self, _: Entries.Picked) -> None:
        self._opened(self.selected())

    def _opened(self, chosen: Any) -> None:
        if isinstance(chosen, text_of.Property) and chosen.leads:
            self.perform(lambda: self._follow(chosen))
        elif chosen is not None:
            self.perform(lambda: self._show(chosen))

    async def _show(self, chosen: Any) -> None:
        """All that is known of what the cursor is on; a related item that is of this program is gone to."""
        from imtui.domain.timeline_links import link_of
        from screens.dialogs import Reader
        from screens.jumping import go

        if isinstance(chosen, TimelineEvent):
            names = await services.timeline.names(self.context, chosen)
            words = event_text.whole(chosen, names, self)
        elif isinstance(chosen, Engagement):
            read = services.timeline.events
            told = await read(self.context, self.incident_id, contact=chosen.contact_arn, newest_first=True, limit=50)
            words = (chosen.label, text_of.engagement(chosen, told[::-1], self))
        elif isinstance(chosen, RelatedItem):
            value = services.related.shown_value(chosen.value)
            link = link_of(value)
            if link is not None and link.ref != self.incident_id:
                await go(self, link)
                return
            words = (chosen.title or chosen.type, value)
        else:
            words = (chosen.name, chosen.value)
        await self.ask(Reader(*words))

    async def _follow(self, field: text_of.Property) -> None:
        """Go where a property leads."""
        from imtui.domain.timeline_links import Link, Where
        from screens.dialogs import Reader
        from screens.jumping import go, source

        if self.incident is None:
            return
        if field.leads == "plan":
            await go(self, Link(Where.RESPONSE_PLAN, self.incident.plan_arn))
        elif field.leads == "source":
            await source(self, self.incident_id)
        else:
            await self.ask(Reader(field.name, text_of.chat(self.incident, self.context.config.section("chat"))))

    async def _jump(self) -> None:
        from imtui.domain.timeline_links import Link, Where, links
        from screens.jumping import choose, go

        chosen = self.selected()
        names: Mapping[str, str] = {}
        if isinstance(chosen, TimelineEvent):
            found = links(chosen)
            names = await services.timeline.names(self.context, chosen)
        elif isinstance(chosen, Engagement):
            found = [Link(Where.CONTACT, arn) for arn in (chosen.contact_arn, chosen.plan_arn) if arn]
            names = self._labels()
        else:
            self._opened(chosen)
            return
        if not found:
            self.host.said("this tells of nothing that one can go to", wrong=True)
            return
        link = await choose(self, found, names)
        if link is not None and link.where is Where.ITEM:
            await self._to_item(link.ref)
        elif link is not None:
            await go(self, link)

    async def _to_item(self, item: str) -> None:
        self.show_tab(RELATED)
        await self.again()
        table = self.query_one("#related", VirtualTable)
        place = next((place for place, known in enumerate(table.items) if known.id == item), None)
        if place is None:
            self.host.said("this item was removed", wrong=True)
        else:
            table.go(place)

    def _labels(self) -> dict[str, str]:
        """What the people and plans of this incident are called, by their ARNs."""
        names = {line.contact_arn: line.label for line in self.engagements}
        return names | {line.plan_arn: line.plan_label for line in self.engagements if line.plan_arn}
