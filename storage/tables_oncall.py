"""The tables of on-call schedules. A schedule is a contact whose plan names its rotations (`storage/tables.py`)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import Instant, metadata

rotations = sa.Table(
    "rotations",
    metadata,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("account", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("versions", sa.JSON, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
)
"""`versions`: what the rotation was, oldest first (`storage/rotas.py`); the last one is what it is."""

overrides = sa.Table(
    "overrides",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("rotation_arn", sa.ForeignKey("rotations.arn", ondelete="CASCADE"), nullable=False),
    sa.Column("contacts", sa.JSON, nullable=False),
    sa.Column("start_at", Instant, nullable=False),
    sa.Column("end_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String, nullable=False, server_default=""),
    sa.Column("counts_from", Instant, nullable=False),
    sa.Column("counts_until", Instant, nullable=False),
    sa.Column("deleted_at", Instant),
    sa.CheckConstraint("end_at > start_at", name="some_time"),
    sa.Index("ix_overrides_of", "rotation_arn", "counts_until"),
)
"""`counts_from` and `counts_until`: when it counts. What has been is not rewritten: one that was made after it began,
or deleted before it was over, counts for what was left, or until then."""

handovers = sa.Table(
    "handovers",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("schedule_arn", sa.ForeignKey("contacts.arn", ondelete="CASCADE"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Index("ix_handovers_of", "schedule_arn", "at"),
)
"""What people on call leave for those who follow them."""
