"""What the database keeps up by itself, by triggers, whoever writes: the words one searches incidents by, and how many
incidents there are of each status. Neither a search nor a count looks at every incident.

On SQLite the words are an FTS5 table of trigrams, on PostgreSQL a table with a trigram index (where the server has
`pg_trgm`; without it a search looks at every row).
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

SEARCH = sa.table("incident_search", sa.column("number"), sa.column("words"), sa.column("more"))
"""`words`: number, title, response plan, tags and summary of an incident, a line each; `more`: source, resource, who
started it, chat channel. On SQLite `number` is called `rowid`."""

_MOST_SUMMARY = 2000

_SQLITE_TAGS = """(SELECT group_concat(g.key || '=' || g.value, char(10)) FROM tags g
    WHERE g.arn = 'arn:aws:ssm-incidents::' || i.account || ':incident-record/' || i.plan_name || '/' || i.id)"""
_SQLITE_WORDS = f"""'#' || i.number || char(10) || i.title || char(10) || i.plan_name || char(10)
    || coalesce({_SQLITE_TAGS}, '') || char(10) || substr(i.summary, 1, {_MOST_SUMMARY})"""
_SQLITE_MORE = """i.source || char(10) || coalesce(i.resource_arn, '') || char(10) || i.created_by || char(10)
    || i.chat_channel"""

_PG_TAGS = _SQLITE_TAGS.replace("group_concat", "string_agg").replace("char(10)", "chr(10)")
_PG_WORDS = _SQLITE_WORDS.replace(_SQLITE_TAGS, _PG_TAGS).replace("char(10)", "chr(10)")
_PG_MORE = _SQLITE_MORE.replace("char(10)", "chr(10)").replace("i.chat_channel", "i.chat_channel::text")

_SQLITE = (
    "CREATE VIRTUAL TABLE incident_search USING fts5(words, more, tokenize='trigram')",
    f"""CREATE TRIGGER incident_search_insert AFTER INSERT ON incidents BEGIN
    INSERT INTO incident_search (rowid, words, more)
    SELECT i.number, {_SQLITE_WORDS}, {_SQLITE_MORE} FROM incidents i WHERE i.number = new.number; END""",
    f"""CREATE TRIGGER incident_search_update AFTER UPDATE OF title, summary, chat_channel ON incidents BEGIN
    UPDATE incident_search SET (words, more) =
    (SELECT {_SQLITE_WORDS}, {_SQLITE_MORE} FROM incidents i WHERE i.number = new.number)
    WHERE rowid = new.number; END""",
    """CREATE TRIGGER incident_search_delete AFTER DELETE ON incidents BEGIN
    DELETE FROM incident_search WHERE rowid = old.number; END""",
    *(
        f"""CREATE TRIGGER tags_search_{event.lower()} AFTER {event} ON tags
    WHEN {row}.arn LIKE '%:incident-record/%' BEGIN
    UPDATE incident_search SET words = (SELECT {_SQLITE_WORDS} FROM incidents i WHERE i.id = substr({row}.arn, -36))
    WHERE rowid = (SELECT i.number FROM incidents i WHERE i.id = substr({row}.arn, -36)); END"""
        for event, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old"))
    ),
    """CREATE TRIGGER tallies_insert AFTER INSERT ON incidents BEGIN
    INSERT INTO tallies (status, incidents) VALUES (new.status, 1)
    ON CONFLICT (status) DO UPDATE SET incidents = incidents + 1; END""",
    """CREATE TRIGGER tallies_update AFTER UPDATE OF status ON incidents WHEN old.status <> new.status BEGIN
    UPDATE tallies SET incidents = incidents - 1 WHERE status = old.status;
    INSERT INTO tallies (status, incidents) VALUES (new.status, 1)
    ON CONFLICT (status) DO UPDATE SET incidents = incidents + 1; END""",
    """CREATE TRIGGER tallies_delete AFTER DELETE ON incidents BEGIN
    UPDATE tallies SET incidents = incidents - 1 WHERE status = old.status; END""",
)

_POSTGRESQL = (
    """CREATE TABLE incident_search (
    number BIGINT PRIMARY KEY REFERENCES incidents (number) ON DELETE CASCADE,
    words TEXT NOT NULL, more TEXT NOT NULL)""",
    """DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX ix_incident_search_words ON incident_search USING gin (words gin_trgm_ops);
    CREATE INDEX ix_incident_search_more ON incident_search USING gin (more gin_trgm_ops);
    EXCEPTION WHEN OTHERS THEN NULL; END $$""",
    f"""CREATE FUNCTION incident_search_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO incident_search (number, words, more)
    SELECT i.number, {_PG_WORDS}, {_PG_MORE} FROM incidents i WHERE i.number = new.number
    ON CONFLICT (number) DO UPDATE SET words = excluded.words, more = excluded.more;
    RETURN NULL; END $$""",
    """CREATE TRIGGER incident_search_keep AFTER INSERT OR UPDATE OF title, summary, chat_channel ON incidents
    FOR EACH ROW EXECUTE FUNCTION incident_search_keep()""",
    f"""CREATE FUNCTION tags_search_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE tagged TEXT := CASE WHEN TG_OP = 'DELETE' THEN old.arn ELSE new.arn END;
    BEGIN
    IF tagged LIKE '%:incident-record/%' THEN
        UPDATE incident_search s SET words = {_PG_WORDS} FROM incidents i
        WHERE i.id = right(tagged, 36) AND s.number = i.number;
    END IF;
    RETURN NULL; END $$""",
    """CREATE TRIGGER tags_search_keep AFTER INSERT OR UPDATE OR DELETE ON tags
    FOR EACH ROW EXECUTE FUNCTION tags_search_keep()""",
    """CREATE FUNCTION tallies_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE tallies SET incidents = incidents - 1 WHERE status = old.status;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO tallies (status, incidents) VALUES (new.status, 1)
        ON CONFLICT (status) DO UPDATE SET incidents = tallies.incidents + 1;
    END IF;
    RETURN NULL; END $$""",
    """CREATE TRIGGER tallies_keep AFTER INSERT OR UPDATE OF status OR DELETE ON incidents
    FOR EACH ROW EXECUTE FUNCTION tallies_keep()""",
)

DERIVED: Mapping[str, tuple[str, ...]] = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
"""The statements that make all this, by kind of database; they follow those that make the tables."""

REFILL: Mapping[str, tuple[str, ...]] = {
    dialect: (
        f"INSERT INTO incident_search ({key}, words, more) SELECT i.number, {words}, {more} FROM incidents i",
        "INSERT INTO tallies (status, incidents) SELECT status, count(*) FROM incidents GROUP BY status",
    )
    for dialect, key, words, more in (
        ("sqlite", "rowid", _SQLITE_WORDS, _SQLITE_MORE),
        ("postgresql", "number", _PG_WORDS, _PG_MORE),
    )
}
"""What fills it from incidents that were there before."""
