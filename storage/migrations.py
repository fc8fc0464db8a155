"""How an older database becomes one of this program's schema: a copy first, then all steps or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from imtui.domain.errors import Conflict, Unavailable
from storage import backup
from storage.append_only import APPEND_ONLY
from storage.derived import DERIVED, REFILL

_MESSAGES_2 = (  # SQLite cannot change a constraint: the table is made anew
    """CREATE TABLE messages_new (
        id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        state VARCHAR DEFAULT 'PENDING' NOT NULL,
        due_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        contact_arn VARCHAR,
        channel_arn VARCHAR,
        channel_type VARCHAR NOT NULL,
        plan_arn VARCHAR,
        code VARCHAR,
        used_code VARCHAR,
        retry_seconds INTEGER DEFAULT '0' NOT NULL,
        attempts INTEGER DEFAULT '0' NOT NULL,
        unknown BOOLEAN DEFAULT 0 NOT NULL,
        claimed_epoch INTEGER,
        claimed_until BIGINT,
        sent_at BIGINT,
        provider VARCHAR DEFAULT '' NOT NULL,
        info VARCHAR DEFAULT '' NOT NULL,
        payload JSON NOT NULL,
        CONSTRAINT pk_messages PRIMARY KEY (id),
        CONSTRAINT ck_messages_kind_known CHECK (kind IN ('page', 'activation', 'test', 'notification')),
        CONSTRAINT ck_messages_state_known CHECK (state IN ('PENDING', 'CLAIMED', 'SENT', 'FAILED', 'CANCELLED')),
        CONSTRAINT ck_messages_channel_type_known CHECK (channel_type IN ('EMAIL', 'SMS', 'VOICE', 'TOPIC')),
        CONSTRAINT ck_messages_sent_has_a_receipt CHECK (state <> 'SENT' OR sent_at IS NOT NULL),
        CONSTRAINT ck_messages_claimed_is_bounded CHECK (state <> 'CLAIMED' OR claimed_until IS NOT NULL)
    )""",
    """INSERT INTO messages_new SELECT id, kind, state, due_at, created_at, contact_arn, channel_arn, channel_type,
        plan_arn, code, used_code, retry_seconds, attempts, unknown, claimed_epoch, claimed_until, sent_at, provider,
        info, payload FROM messages""",
    "DROP TABLE messages",
    "ALTER TABLE messages_new RENAME TO messages",
    "CREATE INDEX ix_messages_bundle ON messages (channel_arn, plan_arn, due_at)",
    "CREATE INDEX ix_messages_recent ON messages (created_at)",
    "CREATE INDEX ix_messages_used_code ON messages (used_code)",
    "CREATE INDEX ix_messages_waiting ON messages (due_at) WHERE state IN ('PENDING', 'CLAIMED')",
    "CREATE UNIQUE INDEX uq_messages_code ON messages (code) WHERE code IS NOT NULL",
)

_ALARMS_2 = "ALTER TABLE alarms ADD COLUMN incident_id VARCHAR"

_LOOKING_3 = (
    "CREATE TABLE tallies (status VARCHAR NOT NULL, incidents INTEGER NOT NULL,"
    " CONSTRAINT pk_tallies PRIMARY KEY (status))",
    "CREATE TABLE saved_filters (owner VARCHAR NOT NULL, place VARCHAR NOT NULL, name VARCHAR NOT NULL,"
    " text VARCHAR NOT NULL, CONSTRAINT pk_saved_filters PRIMARY KEY (owner, place, name))",
    "CREATE TABLE looks (owner VARCHAR NOT NULL, place VARCHAR NOT NULL, at BIGINT NOT NULL,"
    " CONSTRAINT pk_looks PRIMARY KEY (owner, place))",
    "CREATE TABLE presence (session VARCHAR NOT NULL, owner VARCHAR NOT NULL, incident_id VARCHAR NOT NULL,"
    " until BIGINT NOT NULL, CONSTRAINT pk_presence PRIMARY KEY (session),"
    " CONSTRAINT fk_presence_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_presence_incident_id ON presence (incident_id)",
    "CREATE INDEX ix_timeline_updated ON timeline (incident_id, updated_at)",
    "CREATE INDEX ix_incidents_newest ON incidents (status, number)",
    "CREATE INDEX ix_incidents_created_at ON incidents (created_at)",
    "CREATE INDEX ix_incidents_resolved_at ON incidents (resolved_at)",
)

_ON_CALL_4 = (
    "CREATE TABLE rotations (arn VARCHAR NOT NULL, account VARCHAR NOT NULL, name VARCHAR NOT NULL,"
    " versions JSON NOT NULL, created_at BIGINT NOT NULL, revision INTEGER DEFAULT '1' NOT NULL,"
    " CONSTRAINT pk_rotations PRIMARY KEY (arn))",
    "CREATE TABLE overrides (id VARCHAR NOT NULL, rotation_arn VARCHAR NOT NULL, contacts JSON NOT NULL,"
    " start_at BIGINT NOT NULL, end_at BIGINT NOT NULL, created_at BIGINT NOT NULL,"
    " created_by VARCHAR DEFAULT '' NOT NULL, counts_from BIGINT NOT NULL, counts_until BIGINT NOT NULL,"
    " deleted_at BIGINT, CONSTRAINT pk_overrides PRIMARY KEY (id),"
    " CONSTRAINT ck_overrides_some_time CHECK (end_at > start_at),"
    " CONSTRAINT fk_overrides_rotation_arn FOREIGN KEY(rotation_arn) REFERENCES rotations (arn) ON DELETE CASCADE)",
    "CREATE INDEX ix_overrides_of ON overrides (rotation_arn, counts_until)",
    "CREATE TABLE handovers (id VARCHAR NOT NULL, schedule_arn VARCHAR NOT NULL, at BIGINT NOT NULL,"
    " author VARCHAR NOT NULL, text VARCHAR NOT NULL, CONSTRAINT pk_handovers PRIMARY KEY (id),"
    " CONSTRAINT fk_handovers_schedule_arn FOREIGN KEY(schedule_arn) REFERENCES contacts (arn) ON DELETE CASCADE)",
    "CREATE INDEX ix_handovers_of ON handovers (schedule_arn, at)",
)

_TIMERS_5 = (
    """CREATE TABLE timers_new (
        id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        due_at BIGINT NOT NULL,
        engagement_id VARCHAR,
        incident_id VARCHAR,
        payload JSON NOT NULL,
        CONSTRAINT pk_timers PRIMARY KEY (id),
        CONSTRAINT ck_timers_kind_known CHECK (kind IN ('engagement', 'repage', 'drill', 'prune')),
        CONSTRAINT ck_timers_engagement_named CHECK (kind <> 'engagement' OR engagement_id IS NOT NULL),
        CONSTRAINT fk_timers_engagement_id FOREIGN KEY(engagement_id) REFERENCES engagements (id) ON DELETE CASCADE,
        CONSTRAINT fk_timers_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE
    )""",
    "INSERT INTO timers_new SELECT id, kind, due_at, engagement_id, incident_id, payload FROM timers",
    "DROP TABLE timers",
    "ALTER TABLE timers_new RENAME TO timers",
    "CREATE INDEX ix_timers_due_at ON timers (due_at)",
    "CREATE INDEX ix_timers_incident_id ON timers (incident_id)",
    "CREATE UNIQUE INDEX uq_timers_one_per_engagement ON timers (engagement_id)",
)

_AUDIT_6 = (
    "ALTER TABLE audit ADD COLUMN event_name VARCHAR DEFAULT '' NOT NULL",
    "ALTER TABLE audit ADD COLUMN address VARCHAR",
    "ALTER TABLE audit ADD COLUMN access_key VARCHAR",
    "ALTER TABLE audit ADD COLUMN user_agent VARCHAR",
    "ALTER TABLE audit ADD COLUMN read_only BOOLEAN DEFAULT {false} NOT NULL",
    "UPDATE audit SET event_name = substr(action, {find}(action, ':') + 1)",
    "CREATE INDEX ix_audit_newest ON audit (at, id)",
    "CREATE INDEX ix_audit_caller ON audit (caller, at, id)",
    "CREATE INDEX ix_audit_event ON audit (event_name, at, id)",
    "CREATE INDEX ix_audit_resource ON audit (resource, at, id)",
    "CREATE INDEX ix_audit_access_key ON audit (access_key, at, id) WHERE access_key IS NOT NULL",
    "CREATE INDEX ix_audit_refused ON audit (at, id) WHERE error IS NOT NULL",
    "CREATE INDEX ix_audit_changes ON audit (at, id) WHERE {changes}",
    "CREATE TABLE audit_seals (seq BIGINT NOT NULL, first_id BIGINT NOT NULL, last_id BIGINT NOT NULL,"
    " records BIGINT NOT NULL, digest VARCHAR NOT NULL, previous VARCHAR NOT NULL, sealed_at BIGINT NOT NULL,"
    " hash VARCHAR NOT NULL, prints VARCHAR NOT NULL, CONSTRAINT pk_audit_seals PRIMARY KEY (seq))",
    "CREATE TABLE audit_head (one INTEGER NOT NULL, last_id BIGINT NOT NULL, records BIGINT NOT NULL,"
    " pruned_id BIGINT DEFAULT '0' NOT NULL, pruned_records BIGINT DEFAULT '0' NOT NULL,"
    " pruned_seal BIGINT DEFAULT '0' NOT NULL, seal BIGINT DEFAULT '0' NOT NULL,"
    " CONSTRAINT pk_audit_head PRIMARY KEY (one), CONSTRAINT ck_audit_head_only_one CHECK (one = 1))",
)
_AUDIT_WORDS_6 = {
    "sqlite": {"false": "0", "find": "instr", "changes": "read_only = 0"},
    "postgresql": {"false": "false", "find": "strpos", "changes": "NOT read_only"},
}
_ACCESS_6 = (
    "CREATE TABLE users (alias VARCHAR NOT NULL, arn VARCHAR NOT NULL, account VARCHAR NOT NULL,"
    " display_name VARCHAR DEFAULT '' NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT,"
    " stamp VARCHAR NOT NULL, CONSTRAINT pk_users PRIMARY KEY (alias))",
    "CREATE TABLE user_policies (alias VARCHAR NOT NULL, name VARCHAR NOT NULL, document JSON NOT NULL,"
    " CONSTRAINT pk_user_policies PRIMARY KEY (alias, name),"
    " CONSTRAINT fk_user_policies_alias FOREIGN KEY(alias) REFERENCES users (alias) ON DELETE CASCADE)",
    "CREATE TABLE access_keys (id VARCHAR NOT NULL, alias VARCHAR NOT NULL, secret VARCHAR NOT NULL,"
    " created_at BIGINT NOT NULL, last_used_at BIGINT, last_used_service VARCHAR DEFAULT '' NOT NULL,"
    " CONSTRAINT pk_access_keys PRIMARY KEY (id),"
    " CONSTRAINT fk_access_keys_alias FOREIGN KEY(alias) REFERENCES users (alias) ON DELETE CASCADE)",
    "CREATE INDEX ix_access_keys_alias ON access_keys (alias)",
)

_SHARING_6 = (
    "CREATE TABLE resource_policies (id VARCHAR NOT NULL, arn VARCHAR NOT NULL, policy VARCHAR NOT NULL,"
    " region VARCHAR DEFAULT '' NOT NULL, updated_at BIGINT NOT NULL, revision INTEGER DEFAULT '1' NOT NULL,"
    " CONSTRAINT pk_resource_policies PRIMARY KEY (id))",
    "CREATE INDEX ix_resource_policies_arn ON resource_policies (arn)",
)

_PAGES_6 = (
    "CREATE INDEX ix_engagements_begun ON engagements (started_at, id) WHERE parent_id IS NULL",
    "CREATE INDEX ix_pages_of ON pages (contact_arn, created_at)",
)

_REPLICATION_6 = (
    "CREATE TABLE replication_sets (arn VARCHAR NOT NULL, account VARCHAR NOT NULL,"
    " protected BOOLEAN NOT NULL, created_by VARCHAR NOT NULL, created_at BIGINT NOT NULL,"
    " modified_by VARCHAR NOT NULL, modified_at BIGINT NOT NULL, revision INTEGER DEFAULT '1' NOT NULL,"
    " CONSTRAINT pk_replication_sets PRIMARY KEY (arn), CONSTRAINT uq_replication_sets_account UNIQUE (account))",
    "CREATE TABLE replication_regions (set_arn VARCHAR NOT NULL, name VARCHAR NOT NULL, kms_key VARCHAR,"
    " added_at BIGINT NOT NULL, CONSTRAINT pk_replication_regions PRIMARY KEY (set_arn, name),"
    " CONSTRAINT fk_replication_regions_set_arn FOREIGN KEY(set_arn)"
    " REFERENCES replication_sets (arn) ON DELETE CASCADE)",
)

_FINDINGS_6 = (
    "CREATE TABLE findings (id VARCHAR NOT NULL, incident_id VARCHAR NOT NULL, created_at BIGINT NOT NULL,"
    " modified_at BIGINT NOT NULL, details JSON NOT NULL, CONSTRAINT pk_findings PRIMARY KEY (id),"
    " CONSTRAINT fk_findings_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_findings_of ON findings (incident_id, created_at)",
)

STEPS: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    2: {
        "sqlite": (_ALARMS_2, *_MESSAGES_2),
        "postgresql": (
            _ALARMS_2,
            "ALTER TABLE messages DROP CONSTRAINT ck_messages_channel_type_known",
            "ALTER TABLE messages ADD CONSTRAINT ck_messages_channel_type_known"
            " CHECK (channel_type IN ('EMAIL', 'SMS', 'VOICE', 'TOPIC'))",
        ),
    },
    3: {dialect: (*_LOOKING_3, *DERIVED[dialect], *REFILL[dialect]) for dialect in DERIVED},
    4: dict.fromkeys(DERIVED, _ON_CALL_4),
    5: {
        "sqlite": _TIMERS_5,
        "postgresql": (
            "ALTER TABLE timers DROP CONSTRAINT ck_timers_kind_known",
            "ALTER TABLE timers ADD CONSTRAINT ck_timers_kind_known"
            " CHECK (kind IN ('engagement', 'repage', 'drill', 'prune'))",
        ),
    },
    6: {
        dialect: (
            *(step.format(**words) for step in _AUDIT_6),
            *APPEND_ONLY[dialect],
            *_ACCESS_6,
            *_SHARING_6,
            *_PAGES_6,
            *_REPLICATION_6,
            *_FINDINGS_6,
        )
        for dialect, words in _AUDIT_WORDS_6.items()
    },
}
"""The statements that turn the schema before into this one, by version and kind of database."""


def migrate_sqlite(connection: sqlite3.Connection, path: Path, version: int, wanted: int) -> None:
    """Bring a file from `version` to `wanted`. The copy stands beside it under a name that tells its version.

    Raises Unavailable when the copy or a step fails; the file is then as it was.
    """
    copy = path.with_name(f"{path.name}.schema-{version}")
    try:
        backup.write_copy(path, copy)
    except Conflict:
        pass  # made before by a migration that was cut off: it holds the same schema
    connection.execute("BEGIN EXCLUSIVE")
    try:
        now = int(connection.execute("PRAGMA user_version").fetchone()[0])
        for number in range(now + 1, wanted + 1):
            for statement in STEPS[number]["sqlite"]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number}")
        connection.execute("COMMIT")
    except (sqlite3.Error, KeyError) as error:
        connection.execute("ROLLBACK")
        raise Unavailable(
            f"{path} could not be brought to schema {wanted} ({error}): nothing was changed, a copy is {copy}"
        ) from error
