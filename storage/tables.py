"""The tables. State machines stand here too, as CHECK constraints and partial unique indexes.

Instants are whole microseconds since 1970 in UTC (`Instant`), so that they sort, compare and index as numbers
on every database and the first frame can read them with plain `sqlite3`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware datetime, stored as whole microseconds since 1970 in UTC."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _one_of(column: str, *values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})", name=f"{column}_known")


# ---------------------------------------------------------------- the database itself

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)
"""What belongs to the database rather than to a program on it: schema version, clock speed and origin, account."""

lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("holder", sa.String, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("lateness", sa.Float, nullable=False, server_default="0"),
)
"""Who is the engine, and by how many seconds its latest timer was late. `expires_at` is wall time; `epoch` grows with
every new holder and fences the old one."""

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("topic", sa.String, nullable=False),
    sa.Column("ref", sa.String, nullable=False),
    sa.Column("incident_id", sa.String),
    sqlite_autoincrement=True,
)
"""What changed, for every open screen: topic (a table's subject), which row, in which incident."""

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("request_id", sa.String, nullable=False, unique=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("caller", sa.String, nullable=False),
    sa.Column("login", sa.String, nullable=False),
    sa.Column("origin", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("resource", sa.String, nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("error", sa.String),
    sa.Column("message", sa.String),
    sa.Column("event_name", sa.String, nullable=False, server_default=""),
    sa.Column("address", sa.String),
    sa.Column("access_key", sa.String),
    sa.Column("user_agent", sa.String),
    sa.Column("read_only", sa.Boolean, nullable=False, server_default=sa.false()),
    sqlite_autoincrement=True,
)
"""One record per call (`domain/audit.py`); never changed, and deleted only where it was pruned
(`storage/append_only.py`). `event_name`: the action without its service."""
sa.Index("ix_audit_newest", audit.c.at, audit.c.id)
sa.Index("ix_audit_caller", audit.c.caller, audit.c.at, audit.c.id)
sa.Index("ix_audit_event", audit.c.event_name, audit.c.at, audit.c.id)
sa.Index("ix_audit_resource", audit.c.resource, audit.c.at, audit.c.id)
sa.Index(
    "ix_audit_access_key",
    audit.c.access_key,
    audit.c.at,
    audit.c.id,
    info={"where": audit.c.access_key.is_not(None)},
)
sa.Index("ix_audit_refused", audit.c.at, audit.c.id, info={"where": audit.c.error.is_not(None)})
sa.Index("ix_audit_changes", audit.c.at, audit.c.id, info={"where": sa.not_(audit.c.read_only)})

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("hash", sa.String, nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
)
"""Hook tokens; only a SHA-256 of each is kept (they are long and random)."""

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("caller", sa.String, primary_key=True),
    sa.Column("action", sa.String, primary_key=True),
    sa.Column("token", sa.String, primary_key=True),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

# ---------------------------------------------------------------- people and plans

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("account", sa.String, nullable=False),
    sa.Column("alias", sa.String, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("display_name", sa.String, nullable=False, server_default=""),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("repeat", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("account", "alias"),
    _one_of("type", "PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"),
)
"""`plan` is the service's `Plan` shape (`domain/plan.py`)."""

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("contact_arn", sa.ForeignKey("contacts.arn", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("address", sa.String, nullable=False, index=True),
    sa.Column("activated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("activation_code", sa.String),
    sa.Column("code_expires_at", Instant),
    sa.Column("last_result", sa.String, nullable=False, server_default=""),
    sa.Column("last_result_at", Instant),
    _one_of("type", "EMAIL", "SMS", "VOICE"),
)

response_plans = sa.Table(
    "response_plans",
    metadata,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("account", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("display_name", sa.String, nullable=False, server_default=""),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("impact", sa.Integer, nullable=False),
    sa.Column("summary", sa.String, nullable=False, server_default=""),
    sa.Column("dedupe_string", sa.String, nullable=False, server_default=""),
    sa.Column("incident_tags", sa.JSON, nullable=False),
    sa.Column("notification_targets", sa.JSON, nullable=False),
    sa.Column("chat_channel", sa.JSON, nullable=False),
    sa.Column("engagements", sa.JSON, nullable=False),
    sa.Column("actions", sa.JSON, nullable=False),
    sa.Column("integrations", sa.JSON, nullable=False),
    sa.Column("repage_minutes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("account", "name"),
    sa.CheckConstraint("impact BETWEEN 1 AND 5", name="impact_range"),
)

rules = sa.Table(
    "rules",
    metadata,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("bus", sa.String, nullable=False, server_default="default"),
    sa.Column("description", sa.String, nullable=False, server_default=""),
    sa.Column("pattern", sa.JSON, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("targets", sa.JSON, nullable=False),
    sa.UniqueConstraint("bus", "name"),
)
"""Event rules. `targets`: a list of `{"Id", "Arn", "resolve"?}`; a response plan as target starts an incident."""

# ---------------------------------------------------------------- incidents

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("number", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("account", sa.String, nullable=False),
    sa.Column("plan_arn", sa.String, nullable=False),
    sa.Column("plan_name", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("impact", sa.Integer, nullable=False),
    sa.Column("summary", sa.String, nullable=False, server_default=""),
    sa.Column("status", sa.String, nullable=False, server_default="OPEN"),
    sa.Column("dedupe_key", sa.String),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("resource_arn", sa.String),
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("modified_at", Instant, nullable=False),
    sa.Column("modified_by", sa.String, nullable=False),
    sa.Column("resolved_at", Instant),
    sa.Column("chat_channel", sa.JSON, nullable=False),
    sa.Column("notification_targets", sa.JSON, nullable=False),
    sa.Column("exhausted_at", Instant),
    sa.Column("drill", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint("impact BETWEEN 1 AND 5", name="impact_range"),
    sa.CheckConstraint(
        "(status = 'OPEN' AND resolved_at IS NULL) OR (status = 'RESOLVED' AND resolved_at IS NOT NULL)",
        name="resolved_has_an_instant",
    ),
    sqlite_autoincrement=True,
)
sa.Index(
    "uq_incidents_open_dedupe_key",
    incidents.c.account,
    incidents.c.dedupe_key,
    unique=True,
    info={"where": incidents.c.status == "OPEN"},
)
sa.Index("ix_incidents_list", incidents.c.status, incidents.c.impact, incidents.c.number)
sa.Index("ix_incidents_newest", incidents.c.status, incidents.c.number)
sa.Index("ix_incidents_created_at", incidents.c.created_at)
sa.Index("ix_incidents_resolved_at", incidents.c.resolved_at)

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("status", sa.String, primary_key=True),
    sa.Column("incidents", sa.Integer, nullable=False),
)
"""How many incidents there are of each status; triggers keep it (`storage/derived.py`)."""

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("incident_id", sa.ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("event_time", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("refs", sa.JSON, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
)
sa.Index("ix_timeline_updated", timeline.c.incident_id, timeline.c.updated_at)
sa.Index("ix_timeline_order", timeline.c.incident_id, timeline.c.event_time, timeline.c.seq)
"""`seq` keeps the order in which one transaction said things that happened at one instant."""

related_items = sa.Table(
    "related_items",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("incident_id", sa.ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False, server_default=""),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("added_at", Instant, nullable=False),
)

# ---------------------------------------------------------------- events from outside

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("received_at", Instant, nullable=False, index=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("detail_type", sa.String, nullable=False, server_default=""),
    sa.Column("title", sa.String, nullable=False, server_default=""),
    sa.Column("dedupe_key", sa.String, index=True),
    sa.Column("rule_arn", sa.String),
    sa.Column("plan_arn", sa.String),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("incident_id", sa.String, index=True),
    sa.Column("body", sa.JSON, nullable=False),
    _one_of("action", "started", "deduplicated", "resolved", "unmatched", "recorded"),
)
"""Every event taken in; `id` is the sender's, so that a redelivery changes nothing."""

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("firing", sa.Boolean, nullable=False),
    sa.Column("incident_id", sa.String),
    sa.Column("changed_at", Instant, nullable=False),
)
"""Whether a dedupe key's alert has been quiet since its incident was resolved by a person."""

# ---------------------------------------------------------------- engagements, pages, messages

engagements = sa.Table(
    "engagements",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("incident_id", sa.ForeignKey("incidents.id", ondelete="CASCADE"), index=True),
    sa.Column("parent_id", sa.String, index=True),
    sa.Column("target_arn", sa.String, nullable=False),
    sa.Column("target_type", sa.String, nullable=False),
    sa.Column("via_arn", sa.String),
    sa.Column("stage", sa.Integer),
    sa.Column("stages", sa.JSON, nullable=False),
    sa.Column("next_stage", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", Instant),
    sa.Column("status", sa.String, nullable=False, server_default="RUNNING"),
    sa.Column("repeat", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("round", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reached", sa.JSON, nullable=False),
    sa.Column("answered", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("sender", sa.String, nullable=False, server_default=""),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("started_by", sa.String, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("stopped_at", Instant),
    sa.Column("acknowledged_at", Instant),
    sa.Column("acknowledged_via", sa.String),
    _one_of("status", "RUNNING", "ACKNOWLEDGED", "STOPPED", "ENDED", "EXHAUSTED"),
    _one_of("target_type", "PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"),
    sa.CheckConstraint("status <> 'RUNNING' OR due_at IS NOT NULL", name="running_has_a_next_step"),
)
"""A run of a plan (`domain/escalation.py`). A person's run begun by a plan has that plan's run as parent.
`content` may override what messages say: subject, content, public_subject, public_content."""
sa.Index(
    "ix_engagements_running",
    engagements.c.incident_id,
    engagements.c.target_arn,
    info={"where": engagements.c.status == "RUNNING"},
)

sa.Index(
    "ix_engagements_begun",
    engagements.c.started_at,
    engagements.c.id,
    info={"where": engagements.c.parent_id.is_(None)},
)

running = engagements.c.status == sa.literal_column("'RUNNING'")
"""Engagements that page, in the words of their index."""

timers = sa.Table(
    "timers",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("due_at", Instant, nullable=False, index=True),
    sa.Column("engagement_id", sa.ForeignKey("engagements.id", ondelete="CASCADE")),
    sa.Column("incident_id", sa.ForeignKey("incidents.id", ondelete="CASCADE"), index=True),
    sa.Column("payload", sa.JSON, nullable=False),
    _one_of("kind", "engagement", "repage", "drill", "prune"),
    sa.CheckConstraint("kind <> 'engagement' OR engagement_id IS NOT NULL", name="engagement_named"),
)
"""What happens at an instant, written with the change that caused it, deleted with what it causes."""
sa.Index("uq_timers_one_per_engagement", timers.c.engagement_id, unique=True)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False, server_default="PENDING"),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("contact_arn", sa.String),
    sa.Column("channel_arn", sa.String),
    sa.Column("channel_type", sa.String, nullable=False),
    sa.Column("plan_arn", sa.String),
    sa.Column("code", sa.String),
    sa.Column("used_code", sa.String, index=True),
    sa.Column("retry_seconds", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unknown", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("claimed_epoch", sa.Integer),
    sa.Column("claimed_until", Instant),
    sa.Column("sent_at", Instant),
    sa.Column("provider", sa.String, nullable=False, server_default=""),
    sa.Column("info", sa.String, nullable=False, server_default=""),
    sa.Column("payload", sa.JSON, nullable=False),
    _one_of("kind", "page", "activation", "test", "notification"),
    _one_of("state", "PENDING", "CLAIMED", "SENT", "FAILED", "CANCELLED"),
    _one_of("channel_type", "EMAIL", "SMS", "VOICE", "TOPIC"),
    sa.CheckConstraint("state <> 'SENT' OR sent_at IS NOT NULL", name="sent_has_a_receipt"),
    sa.CheckConstraint("state <> 'CLAIMED' OR claimed_until IS NOT NULL", name="claimed_is_bounded"),
)
"""The outbox. One row is one message to one channel; a message may carry several pages (a bundle). A notification
goes to a room or topic, whose ARN is its channel; `payload` has its words. `code` acknowledges all pages and is unique
while it can be used; then it moves to `used_code`. `unknown`: an attempt ended without an answer, so a repeat with the
same id may have reached the person."""
sa.Index(
    "uq_messages_code",
    messages.c.code,
    unique=True,
    info={"where": messages.c.code.is_not(None)},
)
sa.Index(
    "ix_messages_waiting",
    messages.c.due_at,
    info={"where": messages.c.state.in_(("PENDING", "CLAIMED"))},
)

waiting = messages.c.state.in_([sa.literal_column("'PENDING'"), sa.literal_column("'CLAIMED'")])
"""Messages that are not done with, in the words of their index: databases use it only where a query says the same."""

sa.Index("ix_messages_bundle", messages.c.channel_arn, messages.c.plan_arn, messages.c.due_at)
sa.Index("ix_messages_recent", messages.c.created_at)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("message_id", sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("engagement_id", sa.ForeignKey("engagements.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("incident_id", sa.ForeignKey("incidents.id", ondelete="CASCADE"), index=True),
    sa.Column("contact_arn", sa.String, nullable=False),
    sa.Column("channel_arn", sa.String, nullable=False),
    sa.Column("stage", sa.Integer, nullable=False, server_default="0"),
    sa.Column("parent_stage", sa.Integer),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("late_seconds", sa.Float, nullable=False, server_default="0"),
    sa.Column("sent_at", Instant),
    sa.Column("delivered_at", Instant),
    sa.Column("acknowledged_at", Instant),
)

sa.Index("ix_pages_of", pages.c.contact_arn, pages.c.created_at)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("message_id", sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("info", sa.String, nullable=False, server_default=""),
    _one_of("type", "SENT", "DELIVERED", "READ", "ERROR", "STOP"),
    sqlite_autoincrement=True,
)

wrong_codes = sa.Table(
    "wrong_codes",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("caller", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False, index=True),
    sqlite_autoincrement=True,
)
"""Wrong acknowledgement and activation codes of the last minute: five by one caller are throttled."""

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("incident_id", sa.String),
)
"""What is wrong with the program itself (a broken invariant, a page that finally failed), shown on every screen
until it is over. `key` is `KIND:SUBJECT`; a `notice` tells what has been and needs nobody. With `incident_id` it is
over when somebody acknowledges or resolves that incident."""

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("owner", sa.String, primary_key=True),
    sa.Column("field", sa.String, primary_key=True),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
"""What somebody was typing when their line dropped: `field` names the incident and the box."""

saved_filters = sa.Table(
    "saved_filters",
    metadata,
    sa.Column("owner", sa.String, primary_key=True),
    sa.Column("place", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("text", sa.String, nullable=False),
)
"""Filters that somebody wants again, by the list they are for."""

looks = sa.Table(
    "looks",
    metadata,
    sa.Column("owner", sa.String, primary_key=True),
    sa.Column("place", sa.String, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)
"""When somebody last looked: `program`, or `INCIDENT/TAB`; what they have seen and skipped when getting prepared:
`prepared/…`."""

presence = sa.Table(
    "presence",
    metadata,
    sa.Column("session", sa.String, primary_key=True),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("incident_id", sa.ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("until", Instant, nullable=False),
)
"""Who looks at which incident now. A program that died is gone when `until` (wall time) has passed."""
