"""The tables of users, their policies and their access keys."""

from __future__ import annotations

import sqlalchemy as sa

from storage.tables import Instant, metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("alias", sa.String, primary_key=True),
    sa.Column("arn", sa.String, nullable=False),
    sa.Column("account", sa.String, nullable=False),
    sa.Column("display_name", sa.String, nullable=False, server_default=""),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("deleted_at", Instant),
    sa.Column("stamp", sa.String, nullable=False),
)
"""`deleted_at`: a user who was deleted is remembered, so that being deleted never gives more rights than before.
`stamp` is another one after each change of the user or of the policies."""

user_policies = sa.Table(
    "user_policies",
    metadata,
    sa.Column("alias", sa.ForeignKey("users.alias", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("document", sa.JSON, nullable=False),
)
"""The policies of a user. Of a policy that is known by name, only the name counts (`domain/managed_policies.py`)."""

access_keys = sa.Table(
    "access_keys",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("alias", sa.ForeignKey("users.alias", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("secret", sa.String, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("last_used_at", Instant),
    sa.Column("last_used_service", sa.String, nullable=False, server_default=""),
)
"""`secret` is encrypted (`storage/secrets.py`) for the key's id."""
