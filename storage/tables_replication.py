"""The tables of the replication set: the Regions that the data is meant to be in."""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import Instant, metadata

replication_sets = sa.Table(
    "replication_sets",
    metadata,
    sa.Column("arn", sa.String, primary_key=True),
    sa.Column("account", sa.String, nullable=False, unique=True),
    sa.Column("protected", sa.Boolean, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("modified_by", sa.String, nullable=False),
    sa.Column("modified_at", Instant, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
)
"""An account has one at most. `protected`: its last Region cannot be deleted."""

replication_regions = sa.Table(
    "replication_regions",
    metadata,
    sa.Column("set_arn", sa.ForeignKey("replication_sets.arn", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("kms_key", sa.String),
    sa.Column("added_at", Instant, nullable=False),
)
"""`kms_key`: with what the data there is encrypted, fixed when the Region is added."""
