"""What keeps the audit log append-only, whoever writes: triggers that refuse to change a record or a seal, and to
delete one that was not pruned. They also count, so that it shows when the end is cut off.

Whoever owns the database can drop a trigger; that something was changed then is shown by the chain of seals.
"""

from __future__ import annotations

from collections.abc import Mapping

CHANGED = "audit records are never changed"
DELETED = "audit records are kept until their time is over"
BEFORE = "audit records are only added at the end"
BACK = "the head of the audit log only moves forward"

_COLUMNS = ("last_id", "records", "pruned_id", "pruned_records", "pruned_seal", "seal")
_BACKWARDS = " OR ".join(f"new.{column} < old.{column}" for column in _COLUMNS)

_FILL = "INSERT INTO audit_head (one, last_id, records) SELECT 1, coalesce(max(id), 0), count(*) FROM audit"
_PRUNED_ID = "coalesce((SELECT pruned_id FROM audit_head), 0)"
_PRUNED_SEAL = "coalesce((SELECT pruned_seal FROM audit_head), 0)"


def _refuse(text: str) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{text}'); END"


_SQLITE = (
    _FILL,
    f"CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit {_refuse(CHANGED)}",
    f"""CREATE TRIGGER audit_kept BEFORE DELETE ON audit
    WHEN old.id > {_PRUNED_ID} {_refuse(DELETED)}""",
    f"""CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit a WHERE a.request_id = new.request_id) {_refuse(BEFORE)}""",
    f"""CREATE TRIGGER audit_counted AFTER INSERT ON audit BEGIN
    SELECT RAISE(ABORT, '{BEFORE}') WHERE new.id <= (SELECT last_id FROM audit_head);
    UPDATE audit_head SET last_id = new.id, records = records + 1; END""",
    f"CREATE TRIGGER audit_seals_unchanged BEFORE UPDATE ON audit_seals {_refuse(CHANGED)}",
    f"""CREATE TRIGGER audit_seals_kept BEFORE DELETE ON audit_seals
    WHEN old.seq >= {_PRUNED_SEAL} {_refuse(DELETED)}""",
    f"""CREATE TRIGGER audit_seals_not_replaced BEFORE INSERT ON audit_seals
    WHEN EXISTS (SELECT 1 FROM audit_seals s WHERE s.seq = new.seq) {_refuse(BEFORE)}""",
    f"CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head WHEN {_BACKWARDS} {_refuse(BACK)}",
)


def _guard(table: str, name: str, event: str, condition: str, text: str) -> tuple[str, str]:
    """A function and a trigger of PostgreSQL that refuse an event where the condition holds."""
    gone = "old" if event == "DELETE" else "new"
    return (
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF {condition} THEN RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN {gone}; END $$""",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


_POSTGRESQL = (
    _FILL,
    *_guard("audit", "audit_unchanged", "UPDATE", "true", CHANGED),
    *_guard("audit", "audit_kept", "DELETE", f"old.id > {_PRUNED_ID}", DELETED),
    f"""CREATE FUNCTION audit_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF new.id <= (SELECT last_id FROM audit_head) THEN
        RAISE EXCEPTION '{BEFORE}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    UPDATE audit_head SET last_id = new.id, records = records + 1;
    RETURN NULL; END $$""",
    "CREATE TRIGGER audit_counted AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_counted()",
    *_guard("audit_seals", "audit_seals_unchanged", "UPDATE", "true", CHANGED),
    *_guard(
        "audit_seals",
        "audit_seals_kept",
        "DELETE",
        f"old.seq >= {_PRUNED_SEAL}",
        DELETED,
    ),
    *_guard("audit_head", "audit_head_forward", "UPDATE", _BACKWARDS, BACK),
    f"""CREATE FUNCTION audit_whole() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{DELETED}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_whole()",
    "CREATE TRIGGER audit_seals_whole BEFORE TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION audit_whole()",
)

APPEND_ONLY: Mapping[str, tuple[str, ...]] = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
"""The statements that make all this, by kind of database; they follow those that make the tables."""
