"""What people are told: the text of pages, activation codes and tests. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imtui.domain.contact import ChannelType
from imtui.domain.incident import Impact
from imtui.domain.text import cut, shown

_SMS_TITLE = 90
_SMS_CONTENT = 300
_SAID_TITLE = 200
_SAID_CONTENT = 200
_NAME = 60
_MOST_TITLES = 10
_MAIL_SUBJECT = 180


@dataclass(frozen=True, slots=True)
class Subject:
    """An incident as a page names it. `content` may override the words (see `engagements.content`); outside an incident
    (`number` 0) it has them all, and `sender` is who pages."""

    number: int
    title: str
    impact: Impact
    summary: str = ""
    drill: bool = False
    content: Mapping[str, Any] | None = None
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A message ready to go: a one-line subject and a body; for voice the body is what is said. What is sent by SMS and
    what is said are cut to what a telephone bears; the code is never cut."""

    subject: str
    body: str


def page_words(type_: ChannelType, code: str, subjects: Sequence[Subject]) -> Words:
    """The page for one incident, or for several that were bundled. E-mail and voice carry the whole, SMS only what
    may be read on a locked screen: the public subject and content where the engagement has them."""
    if len(subjects) == 1:
        return _one(type_, code, subjects[0]) if subjects[0].number else _alone(type_, code, subjects[0])
    most = min(subject.impact for subject in subjects)
    drill = "DRILL: " if all(subject.drill for subject in subjects) else ""
    head = f"{drill}{len(subjects)} incidents, impact up to {most.value} ({most.label})"
    titles = [f"#{s.number} {cut(_name_of(s, 'subject'), _MAIL_SUBJECT)}" for s in subjects[:_MOST_TITLES]]
    if len(subjects) > _MOST_TITLES:
        titles.append(f"and {len(subjects) - _MOST_TITLES} more")
    if type_ is ChannelType.VOICE:
        first = cut(_name_of(subjects[0], "subject"), _SAID_TITLE)
        said = f"{head}. The first is: {first}. Press 1 to acknowledge all of them."
        return Words(head, said)
    if type_ is ChannelType.SMS:
        first = cut(_name_of(subjects[0], "public_subject"), _SMS_TITLE)
        return Words(head, f"{head}. First: {first}. Reply {code} to acknowledge all.")
    body = "\n".join([head, "", *titles, "", _how(code, "all of them")])
    return Words(head, body)


def activation_words(type_: ChannelType, code: str, channel: str, minutes: int) -> Words:
    """The code that proves that a channel reaches its owner."""
    spoken = " ".join(code) if type_ is ChannelType.VOICE else code
    text = (
        f"Your activation code for {cut(shown(channel), _NAME)!r} is {spoken}. It is valid for {minutes} minutes. "
        "Incidents are sent here only after it has been entered. If you did not expect this, do nothing."
    )
    if type_ is ChannelType.SMS:
        text += " Reply UNSUBSCRIBE to stop messages, START for a new code."
    return Words("Activate this contact channel", text)


def test_words(contact: str, by: str) -> Words:
    """A test page: it proves the way, and asks for nothing."""
    person, sender = cut(shown(contact), _NAME), cut(shown(by), _NAME)
    return Words("Test page", f"Test page for {person}, sent by {sender}: this is how an incident will reach you.")


def _one(type_: ChannelType, code: str, subject: Subject) -> Words:
    content = subject.content or {}
    drill = "DRILL: " if subject.drill else ""
    title = _name_of(subject)
    impact = f"{subject.impact.value} ({subject.impact.label})"
    if type_ is ChannelType.SMS:
        head = cut(_name_of(subject, "public_subject"), _SMS_TITLE)
        more = cut(shown(str(content.get("public_content") or "")).strip(), _SMS_CONTENT)
        text = f"{drill}#{subject.number} {head}, impact {impact}. {more + ' ' if more else ''}"
        return Words(head, f"{text}Reply {code} to acknowledge.")
    head = f"{drill}[{subject.impact.label}] #{subject.number} {_name_of(subject, 'subject')}"
    if type_ is ChannelType.VOICE:
        name = cut(_name_of(subject, "subject"), _SAID_TITLE)
        more = cut(shown(str(content.get("content") or "")).strip(), _SAID_CONTENT)
        what = f"Incident {subject.number}: {name}. Impact {subject.impact.label}{'. ' + more if more else ''}"
        return Words(cut(head, _MAIL_SUBJECT), f"{drill}{what}. Press 1 to acknowledge.")
    parts = [f"{drill}Incident #{subject.number}: {title}", f"Impact: {impact}"]
    if more := shown(str(content.get("content") or subject.summary), lines=True).strip():
        parts += ["", more]
    parts += ["", _how(code, "it")]
    return Words(cut(head, _MAIL_SUBJECT), "\n".join(parts))


def _alone(type_: ChannelType, code: str, subject: Subject) -> Words:
    """The page outside any incident: whoever sends it says what it is about."""
    content = subject.content or {}
    sender = cut(shown(subject.sender).strip() or "imtui", _NAME)
    if type_ is ChannelType.SMS:  # without public words nothing is told of what it is about
        head = cut(shown(str(content.get("public_subject") or "")).strip(), _SMS_TITLE)
        more = cut(shown(str(content.get("public_content") or "")).strip(), _SMS_CONTENT)
        text = f"Page from {sender}{': ' + head if head else ''}. {more + ' ' if more else ''}"
        return Words(head or f"Page from {sender}", f"{text}Reply {code} to acknowledge.")
    head = f"Page from {sender}: {_name_of(subject, 'subject')}"
    if type_ is ChannelType.VOICE:
        name = cut(_name_of(subject, "subject"), _SAID_TITLE)
        more = cut(shown(str(content.get("content") or "")).strip(), _SAID_CONTENT)
        said = f"Page from {sender}: {name}.{' ' + more + '.' if more else ''} Press 1 to acknowledge."
        return Words(cut(head, _MAIL_SUBJECT), said)
    parts = [head]
    if more := shown(str(content.get("content") or ""), lines=True).strip():
        parts += ["", more]
    parts += ["", _how(code, "it")]
    return Words(cut(head, _MAIL_SUBJECT), "\n".join(parts))


def _name_of(subject: Subject, field: str = "") -> str:
    """What an incident is called in a message: as the engagement's content says in this field, else by its title."""
    own = shown(str((subject.content or {}).get(field) or "")).strip()
    return own or shown(subject.title).strip() or "(a title that shows nothing)"


def _how(code: str, what: str) -> str:
    return (
        f"Acknowledgement code: {code}\n"
        f"To acknowledge {what}, run `imtui ack {code}`, or press a in imtui and type the code."
    )
