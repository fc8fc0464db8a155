"""People's replies by SMS and during calls: they acknowledge a page, stop a channel, or ask for a new code.

A reply acts as the person to whom its number belongs, by what the program does for them at a screen. Each is kept among
the events in the unit of work that obeys it, so that one which is delivered again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from imtui.domain.codes import same
from imtui.domain.contact import ChannelType
from imtui.domain.errors import Conflict, ImtuiError, NotFound, Throttled, ValidationFailed
from imtui.domain.escalation import Reason
from imtui.domain.reply import MOST_TEXT, Meaning, Wish, phone, pressed, written
from imtui.domain.text import clean, cut
from imtui.domain.timeline import EventType
from imtui.services import channels, engagements
from imtui.services.attempts import counted, not_throttled
from imtui.services.context import Context
from imtui.services.lookup import incident_of
from imtui.sources.replies import Reply
from imtui.sources.signal import event_id
from storage import tables as t
from storage.database import Reader, Unit
from storage.record import say

ACKNOWLEDGED, ALREADY = "acknowledged", "already-acknowledged"
DEACTIVATED, CODE_SENT, ACTIVE = "deactivated", "code-sent", "already-active"
THROTTLED, UNMATCHED = "throttled", "unmatched"

_MOST_TITLE = 200
_MOST_NUMBER = 40
_HOW = {
    ChannelType.SMS: "by SMS with the code sent to",
    ChannelType.VOICE: "by phone with the code sent to",
}
_PRESSED = "by phone, pressing 1 on"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply did: one of the words above, and a sentence for whoever sent it. `contact` and `incidents` are
    ARNs."""

    action: str
    reply: str
    message: str
    contact: str = ""
    incidents: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As hooks answer it."""
        found: dict[str, Any] = {"action": self.action, "replyId": self.reply, "message": self.message}
        if self.contact:
            found["contact"] = self.contact
        if self.incidents:
            found |= {"incidentRecordArn": self.incidents[0], "incidentRecordArns": list(self.incidents)}
        return found


async def take_in(context: Context, reply: Reply) -> Answer:
    """Obey a reply, once. What cannot be obeyed is answered as `unmatched` and kept, too. Raises Unavailable."""
    taking = _Taking(context, reply)
    async with context.database.read() as reader:
        before = await taking.before(reader)
        if before is not None:
            return before
        taking.rows = await taking.channels(reader)
    try:
        return await taking.obey()
    except Throttled as error:
        return await taking.refuse(THROTTLED, error)
    except (ValidationFailed, Conflict, NotFound) as error:
        return await taking.refuse(UNMATCHED, error)


class _Taking:
    """One reply on its way. `rows`: the channels of its number, with whose they are."""

    def __init__(self, context: Context, reply: Reply) -> None:
        self.context = context
        self.reply = reply
        self.way = reply.way.value.lower()
        self.number = phone(reply.number)
        self.id = clean(cut(event_id(reply.id), 200))
        # During one call keys may be pressed again, so a call's reply is known by them, too.
        again = reply.id if reply.way is ChannelType.SMS else f"{reply.id} {reply.text}"
        self.key = f"{self.way}:{event_id(again)}"
        self.rows: Sequence[sa.Row[Any]] = ()

    # ------------------------------------------------------------ what is known

    async def before(self, reader: Reader) -> Answer | None:
        """What the same reply did when it came first."""
        row = await reader.first(sa.select(t.events.c.body).where(t.events.c.id == self.key))
        if row is None:
            return None
        kept = row.body["result"]
        incidents = tuple(kept.get("incidentRecordArns", ()))
        return Answer(kept["action"], kept["replyId"], kept["message"], kept.get("contact", ""), incidents)

    async def channels(self, reader: Reader) -> Sequence[sa.Row[Any]]:
        """The channels by which this number is reached in the way that the reply came."""
        c, p = t.channels.c, t.contacts.c
        query = sa.select(t.channels, p.alias, p.display_name).join(t.contacts, p.arn == c.contact_arn)
        mine = (c.type == self.reply.way.value) & (c.address == self.number)
        return await reader.all(query.where(mine).order_by(p.alias, c.name, c.arn)) if self.number else ()

    def acting(self, rows: Sequence[sa.Row[Any]]) -> Context:
        """The surroundings for the person whose number this is; where several have it, for the number."""
        aliases = {row.alias for row in rows}
        name = aliases.pop() if len(aliases) == 1 else self.number
        arn = self.context.names.user(name)
        caller = replace(self.context.caller, name=name, origin=self.way, arn=arn, bound=False, facts=())
        return self.context.acting_as(caller)

    # ------------------------------------------------------------ what is done

    async def obey(self) -> Answer:
        sms = self.reply.way is ChannelType.SMS
        meaning: Meaning = written(self.reply.text) if sms else pressed(self.reply.text)
        if not self.rows:
            raise NotFound(f"no contact has {'an SMS' if sms else 'a voice'} channel with this number")
        match meaning.wish:
            case Wish.ACKNOWLEDGE:
                return await self._acknowledge(meaning.code)
            case Wish.UNSUBSCRIBE:
                return await self._unsubscribe()
            case Wish.START:
                return await self._start()
        if sms:
            raise ValidationFailed("not understood: reply with the six digits of a page, UNSUBSCRIBE or START")
        raise ValidationFailed("not understood: press 1 to acknowledge, or the six digits of the page")

    async def _acknowledge(self, code: str) -> Answer:
        acting = self.acting(await self._addressed(code))
        # Wrong codes count for the number, not for the person: whoever forges it must not lock them out of the program.
        who = f"{self.way} {self.number}"
        await not_throttled(self.context, who)
        how = _HOW[self.reply.way] if code else _PRESSED
        async with (
            counted(self.context, who),
            acting.change("ssm-contacts:AcceptPage", "*", reply=self.id, number=self.number) as unit,
        ):
            if (before := await self.before(unit)) is not None:
                return before
            message = await (self._by_code(unit, code) if code else self._called(unit))
            done = await engagements.accept_in(unit, acting, message, how)
            incidents = await unit.all(
                sa.select(t.incidents)
                .where(t.incidents.c.number.in_([number for number, _ in done.incidents]))
                .order_by(t.incidents.c.number)
            )
            arns = tuple(incident_of(row, self.context.names).arn for row in incidents)
            verb = "had acknowledged already" if done.already else "acknowledged"
            about = ", ".join(f"#{number} {title}" for number, title in done.incidents)
            text = f"{done.label} {verb}{': ' if about else ''}{about}"
            answer = Answer(ALREADY if done.already else ACKNOWLEDGED, self.id, text, done.person, arns)
            return self._keep(unit, answer, incidents[0].id if incidents else None)

    async def _addressed(self, code: str) -> Sequence[sa.Row[Any]]:
        """Of several people with this number, the one whom the code was sent to."""
        if not code or len(self._people()) == 1:
            return self.rows
        m = t.messages.c
        query = sa.select(m.contact_arn).where(m.code == code, m.contact_arn.in_(self._people()))
        async with self.context.database.read() as reader:
            person = await reader.scalar(query)
        return [row for row in self.rows if row.contact_arn == person] or self.rows

    async def _by_code(self, unit: Unit, code: str) -> sa.Row[Any]:
        try:
            return await engagements.message_of(unit, code, t.messages.c.contact_arn.in_(self._people()))
        except ValidationFailed:
            if any(same(code, row.activation_code) for row in self.rows):
                raise ValidationFailed(
                    "this is an activation code: it is entered in imtui, beside the channel", "code"
                ) from None
            raise

    async def _called(self, unit: Unit) -> sa.Row[Any]:
        """The message that the call was about: the one whose id the gateway gave back, else the one that was handed
        over last and is not answered."""
        m = t.messages
        calls = (m.c.kind == "page") & (m.c.channel_type == ChannelType.VOICE.value)
        own = calls & m.c.contact_arn.in_(self._people())
        named = await unit.first(sa.select(m).where(own, m.c.id == clean(self.reply.id)).with_for_update())
        if named is not None:
            return named
        handed_over = sa.or_(m.c.state.in_(("CLAIMED", "SENT")), m.c.unknown)
        here = calls & m.c.channel_arn.in_([row.arn for row in self.rows])
        newest = (sa.func.coalesce(m.c.sent_at, m.c.due_at).desc(), m.c.created_at.desc())
        query = sa.select(m).where(here, handed_over, m.c.code.is_not(None)).order_by(*newest)
        found = await unit.first(query.limit(1).with_for_update())
        if found is None:
            raise NotFound("no call to this number waits for an answer")
        return found

    async def _unsubscribe(self) -> Answer:
        acting = self.acting(self.rows)
        async with acting.change("ssm-contacts:DeactivateContactChannel", self._named(), **self._told()) as unit:
            if (before := await self.before(unit)) is not None:
                return before
            for row in await self.channels(unit):
                await channels.deactivate_in(unit, row)
                if row.activated:
                    await _say_unsubscribed(unit, row, acting.caller.name)
            text = "nothing is sent to this number any more; reply START for a new activation code"
            return self._keep(unit, Answer(DEACTIVATED, self.id, text, self._contact()))

    async def _start(self) -> Answer:
        acting = self.acting(self.rows)
        async with acting.change("ssm-contacts:SendActivationCode", self._named(), **self._told()) as unit:
            if (before := await self.before(unit)) is not None:
                return before
            waiting = [row for row in await self.channels(unit) if not row.activated]
            for row in waiting:
                await channels.send_code_in(unit, row)
            if not waiting:
                text = "this number is activated already: pages are sent to it"
                return self._keep(unit, Answer(ACTIVE, self.id, text, self._contact()))
            text = "a new activation code is on its way; pages are sent here again after it was entered in imtui"
            return self._keep(unit, Answer(CODE_SENT, self.id, text, self._contact()))

    async def refuse(self, action: str, error: ImtuiError) -> Answer:
        """What was not obeyed is kept, and shown among the events."""
        answer = Answer(action, self.id, str(error), self._contact())
        async with self.context.change("imtui:TakeReply", self.number or "*", reply=self.id, result=action) as unit:
            if (before := await self.before(unit)) is not None:
                return before
            return self._keep(unit, answer)

    # ------------------------------------------------------------ inside

    def _people(self) -> list[str]:
        return sorted({row.contact_arn for row in self.rows})

    def _contact(self) -> str:
        people = self._people()
        return people[0] if len(people) == 1 else ""

    def _named(self) -> str:
        return str(self.rows[0].arn) if len(self.rows) == 1 else "*"

    def _told(self) -> dict[str, Any]:
        return {"reply": self.id, "number": self.number, "channels": [row.arn for row in self.rows]}

    def _keep(self, unit: Unit, answer: Answer, incident_id: str | None = None) -> Answer:
        number = self.number or clean(cut(self.reply.number, _MOST_NUMBER)) or "an unknown number"
        text = clean(cut(self.reply.text, MOST_TEXT))
        unit.insert(
            t.events,
            {
                "id": self.key,
                "received_at": unit.now,
                "source": self.way,
                "detail_type": cut(answer.message, MOST_TEXT),
                "title": cut(f"{number}: {text}", _MOST_TITLE),
                "dedupe_key": None,
                "rule_arn": None,
                "plan_arn": None,
                "action": "unmatched" if answer.action in (UNMATCHED, THROTTLED) else "recorded",
                "incident_id": incident_id,
                "body": {"from": number, "text": text, "result": answer.document()},
            },
        )
        unit.changed("event", self.key)
        return answer


async def _say_unsubscribed(unit: Unit, row: sa.Row[Any], by: str) -> None:
    """Whoever waits for this person in an incident must know that this channel stays silent from now on."""
    e = t.engagements.c
    running = sa.select(e.incident_id).where(t.running, e.target_arn == row.contact_arn, e.incident_id.is_not(None))
    for incident in await unit.all(running.distinct()):
        text = f"{row.display_name or row.alias} unsubscribed {row.name}: it is not paged any more"
        reason = Reason.CHANNEL_NOT_ACTIVATED.value
        about = {"contact": row.contact_arn, "channel": row.arn, "reason": reason, "by": by}
        say(unit, incident.incident_id, EventType.ESCALATION, text, **about)
