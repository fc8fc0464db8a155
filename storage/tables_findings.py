"""The table of findings: changes around the start of an incident that may have caused it."""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import Instant, metadata

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("incident_id", sa.ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("modified_at", Instant, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Index("ix_findings_of", "incident_id", "created_at"),
)
"""`details`: the service's union, with instants in ISO 8601 (`imtui/services/findings.py`)."""
