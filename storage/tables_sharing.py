"""The table of resource policies: with which accounts response plans, contacts and escalation plans are shared."""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import Instant, metadata

resource_policies = sa.Table(
    "resource_policies",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("arn", sa.String, nullable=False, index=True),
    sa.Column("policy", sa.String, nullable=False),
    sa.Column("region", sa.String, nullable=False, server_default=""),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
)
"""`arn`: what is shared; `policy`: the document as it was given; `region`: where it was given."""
