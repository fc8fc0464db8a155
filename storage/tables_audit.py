"""The tables that make the audit log tamper-evident (`domain/audit_chain.py`). Records: `storage/tables.py`."""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import metadata

audit_seals = sa.Table(
    "audit_seals",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("first_id", sa.BigInteger, nullable=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("previous", sa.String, nullable=False),
    sa.Column("sealed_at", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("prints", sa.String, nullable=False),
)
"""`domain/audit_chain.Seal`. The newest of those whose records were pruned stays, as the beginning of the rest."""

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("pruned_id", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("pruned_records", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("pruned_seal", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("seal", sa.BigInteger, nullable=False, server_default="0"),
    sa.CheckConstraint("one = 1", name="only_one"),
)
"""`domain/audit_chain.Head`: one row. Triggers keep `last_id` and `records` (`storage/append_only.py`)."""
