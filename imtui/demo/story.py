"""What happens while one watches: an alarm, pages, no answer, escalation, an acknowledgement, notes, resolution."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from imtui import services
from imtui.clock import Clock
from imtui.demo.cast import Cast
from imtui.demo.team import ACCOUNT, PEOPLE, REGION, WATCHER
from imtui.demo.tour import Beat, Goal, Scene
from imtui.domain.engagement import Engagement

SPEED = 6.0
"""A minute of the program passes in ten seconds."""

ALARM, OTHER = "payment-errors", "LoadIsLate"
REPEATS = 25

_FIRST = """# Card payments fail

- since a minute before the alarm, **two of three** payments are refused
- `payments` 4313 went out just before
- Ben rolls back, Chidi watches the orders"""

SUMMARY = (
    _FIRST
    + """

Meanwhile the second provider takes what it can:

```
provider   requests   refused
first         1 204      66 %
second          377       0 %
```

[Dashboard](https://graphs.shop.example/d/payments)"""
)


class Story:
    """The beats of the tour. `user` is who watches; `looks_only`: they can do nothing, so nothing is suggested."""

    def __init__(self, cast: Cast, clock: Clock, user: str, *, looks_only: bool = False) -> None:
        self.cast = cast
        self.incident = self.other = ""
        """The ids of the incident and of the one that pages the watcher."""
        self._clock = clock
        self._user = user
        self._looks_only = looks_only
        self._numbers: dict[str, int] = {}

    def beats(self) -> tuple[Beat, ...]:
        """The tour from its beginning to its end: about five minutes."""
        return (
            Beat("look", 12, self.look),
            Beat("filter", 14, self.filter),
            Beat("alarm", 14, self.alarm, off=self._escalated),
            Beat("silence", 16, self.silence, off=self._escalated),
            Beat("messages", 18, self.messages, until=self._escalated, off=self._escalated),
            Beat("escalation", 15, self.escalation),
            Beat("repeats", 14, self.repeats),
            Beat("answer", 13, self.answer),
            Beat("notes", 22, self.notes, ((7, self._takes), (12, self._links), (17, self._answers_back))),
            Beat("you", 34, self.you),
            Beat("summary", 20, self.summary, ((8, self._impact), (13, self._more))),
            Beat("help", 14, self.help, until=self._settled),
            Beat("wrong", 14, self.wrong),
            Beat("fix", 16, self.fix, ((5, self._over),)),
            Beat("resolved", 20, self.resolved, ((9, self._tidies),)),
            Beat("end", 18, self.end),
        )

    # ------------------------------------------------------------ beats

    async def look(self) -> Scene:
        goal = Goal("the week that has passed", "tab-2", "list", screen="incidents", spot="resolved")
        who = f"you are {PEOPLE.get(self._user, self._user).partition(' ')[0][:10]}"
        return Scene(f"A web shop at night, and {who}. A minute passes here in 10 s.", goal)

    async def filter(self) -> Scene:
        count = (await services.incident_list.counts(self.cast.context)).resolved
        goal = Goal("then type: checkout", "filter", "list")
        return Scene(f"{count} incidents in a week. A filter narrows a list while one types.", goal)

    async def alarm(self) -> Scene | None:
        self.incident = (await self.cast.alarm([ALARM]))[0]
        goal = await self._inside("the incident", "open")
        return Scene(
            "An alarm: payments fail. Ana is paged; unanswered, Ben is in {left}.", goal, await self._due("ben")
        )

    async def silence(self) -> Scene | None:
        if (due := await self._due("ben")) is None:
            return None
        goal = await self._inside("whom the plan reaches", "tab-5", "engagements")
        return Scene("Ana does not answer. The banner counts down: Ben is next in {left}.", goal, due)

    async def messages(self) -> Scene | None:
        if (due := await self._due("ben")) is None:
            return None
        goal = Goal("every message, and what became of it", "go-notifications", screen="notifications")
        return Scene("An SMS, then an e-mail: Ana sleeps. Ben is paged in {left}.", goal, due)

    async def escalation(self) -> Scene | None:
        """Whoever is in a hurry need not wait for the plan."""
        if not await self._open(self.incident):
            return None
        await self._soon(self._begun)
        ben = await self._line("ben")
        if ben is None:
            return None
        if ben.due_at is not None and ben.after_stage is not None:
            await services.engagements.escalate_now(self.cast.acting("chidi"), ben.id, ben.after_stage)
            await self._soon(self._escalated)
        goal = await self._inside("each step, with why", "tab-3", "timeline")
        return Scene("No answer: the plan has gone on to Ben. Every step is written down.", goal)

    async def repeats(self) -> Scene | None:
        if not await self._open(self.incident):
            return None
        await self.cast.alarm([ALARM] * REPEATS)
        goal = (await self._inside("the newest line", "bottom"))._replace(tab=("tab-3", "timeline"), screen="")
        return Scene(f"The alarm comes {REPEATS} times more: one counted line, nobody is paged again.", goal)

    async def answer(self) -> Scene | None:
        if not await self._open(self.incident):
            return None
        await self.cast.answer("ben", self.incident)
        goal = await self._inside("the latest events", "tab-1", "overview")
        spared = (await self._line("chidi")) is None
        rest = "nobody else is woken" if spared else "the plan stops here"
        return Scene(f"Ben acknowledges by the code he was sent: {rest}.", goal)

    async def notes(self) -> Scene | None:
        if not await self._open(self.incident):
            return None
        await self.cast.note("ben", self.incident, "Payments answer 503 since 4313 went out. Rolling back.")
        if self._looks_only:
            goal = await self._inside("links and resources", "tab-6", "related")
        else:
            goal = (await self._inside("your note, f2 saves", "note"))._replace(screen="")
        return Scene("Ben and Chidi write notes and events: you see them at once.", goal)

    async def you(self) -> Scene | None:
        self.other = (await self.cast.alarm([OTHER]))[0]
        number = await self._number(self.other)
        mine = self._user == WATCHER
        if mine and not self._looks_only:
            what = "it is yours (or a: code of f6)"
            goal = Goal(what, "take", "row", self.other, number, met=self._taken)
        else:
            goal = Goal("the message, with its code", "go-notifications", screen="notifications")
        who = "YOU" if mine else "Dana"
        text = f"A second alarm pages {who}: the bell. Unanswered, Chidi is paged in {{left}}."
        then = "You have taken it: the plan stops, and Chidi sleeps on." if goal.met is not None else ""
        return Scene(text, goal, await self._due("chidi", self.other), then)

    async def summary(self) -> Scene | None:
        if not await self._open(self.incident):
            return None
        await self.cast.summary("ben", self.incident, _FIRST)
        goal = await self._inside("Ben's words", "tab-1", "overview")
        return Scene("Ben writes the summary, twice: it changes in place, nothing jumps.", goal)

    async def help(self) -> Scene:
        return Scene(
            "Help finds every act of a screen by a word, and runs it.",
            Goal("all keys; type a word", "help", screen="palette"),
        )

    async def wrong(self) -> Scene:
        goal = Goal("all that is wrong", "alarms", screen="alarms")
        found = await services.incidents.get(self.cast.context, self.other) if self.other else None
        if found is not None and found.is_open and found.exhausted_at is not None:
            return Scene(f"Nobody answered #{found.number}: that stands on every screen until somebody acts.", goal)
        return Scene("If imtui itself had trouble, a red line would say so. Tonight it has none.", goal)

    async def fix(self) -> Scene | None:
        if not await self._open(self.incident):
            return None
        await self.cast.event("ben", self.incident, "payments rolled back to 4312.")
        goal = await self._inside("links and resources", "tab-6", "related")
        return Scene("The rollback helps, the alarm is over. A person decides when to resolve.", goal)

    async def resolved(self) -> Scene | None:
        if not self.incident:
            return None
        goal = await self._inside("the whole story", "tab-3", "timeline")
        if not await self._open(self.incident):
            return Scene("It is resolved. The timeline tells the whole story.", goal)
        await self.cast.resolve("ben", self.incident)
        return Scene("Ben resolves it: nobody is paged any more. The timeline tells it all.", goal)

    async def end(self) -> Scene:
        if self._looks_only:
            goal = Goal("what else there is to look at", "help", screen="palette")
        else:
            goal = Goal("an incident of your own", "start")
        return Scene("That was the tour, the shop is yours. q leaves, and nothing stays behind.", goal)

    # ------------------------------------------------------------ what comes later in a beat

    async def _takes(self) -> None:
        """Chidi is awake now, and sees to what has waited for the morning."""
        await self.cast.event("chidi", self.incident, "Orders are kept and charged again later: nobody loses a basket.")
        waiting = await services.incident_list.page(self.cast.context, status="OPEN", text="title:mail")
        for row in waiting.rows:
            if not row.acknowledged:
                await self.cast.answer("chidi", row.id)
                await self.cast.note(
                    "chidi", row.id, "Receipts of the failed payments. They go out with the next ones."
                )

    async def _links(self) -> None:
        deployment = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:shop/payments"
        await self.cast.link("chidi", self.incident, f"Deployment 4313 | {deployment}")
        await self.cast.link("chidi", self.incident, "Dashboard | https://graphs.shop.example/d/payments")

    async def _answers_back(self) -> None:
        await self.cast.note("chidi", self.incident, "Second provider takes a third of the load. Rollback is at 40 %.")

    async def _impact(self) -> None:
        await self.cast.impact("ben", self.incident, "2")

    async def _more(self) -> None:
        await self.cast.summary("ben", self.incident, SUMMARY)

    async def _over(self) -> None:
        await self.cast.alarm([ALARM], over=True)

    async def _tidies(self) -> None:
        """What the watcher did not take, Chidi does."""
        if self.other and await self._open(self.other):
            await self.cast.take("chidi", self.other)
            await self.cast.note("chidi", self.other, "The load waited for the payments. It runs.")
            await self.cast.alarm([OTHER], over=True)

    # ------------------------------------------------------------ what is so

    async def _inside(self, what: str, act: str, spot: str = "") -> Goal:
        number = await self._number(self.incident)
        return Goal(what, act, "incident", self.incident, number, screen="details", spot=spot)

    async def _number(self, incident: str) -> int:
        if incident not in self._numbers:
            self._numbers[incident] = (await services.incidents.get(self.cast.context, incident)).number
        return self._numbers[incident]

    async def _open(self, incident: str) -> bool:
        return bool(incident) and (await services.incidents.get(self.cast.context, incident)).is_open

    async def _line(self, who: str, incident: str = "") -> Engagement | None:
        found: dict[str, Any] = await self.cast.engaged(incident or self.incident)
        return found.get(who)

    async def _due(self, who: str, incident: str = "") -> datetime | None:
        """When a plan will engage somebody; None when it will not any more."""
        line = await self._line(who, incident)
        return line.due_at if line is not None else None

    async def _begun(self) -> bool:
        """Whether the plan can go on to Ben."""
        ben = await self._line("ben")
        return ben is None or ben.due_at is None or ben.after_stage is not None

    async def _escalated(self) -> bool:
        """Whether the plan has reached Ben, or never will."""
        return await self._due("ben") is None

    async def _taken(self) -> bool:
        """Whether the watcher has answered for what paged them."""
        if not await self._open(self.other):
            return True
        line = await self._line(self._user, self.other)
        return line is not None and line.acknowledged_at is not None

    async def _settled(self) -> bool:
        """Whether the second incident has been answered, or nobody is left to be paged for it."""
        if not self.other:
            return True
        found = await services.incidents.get(self.cast.context, self.other)
        answered = any(line.acknowledged_at for line in (await self.cast.engaged(self.other)).values())
        return answered or not found.is_open or found.exhausted_at is not None

    async def _soon(self, true: Callable[[], Awaitable[bool]]) -> None:
        """The engine does at once what is due: give it that moment."""
        for _ in range(20):
            if await true():
                return
            await self._clock.pause(0.1)
