"""Tables whose rows never change: the database itself refuses, on SQLite and on PostgreSQL.

SQLite makes a table anew where a migration changes a column, and the old table's triggers go with it: `protect` puts
back whatever is missing after every migration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, migrations

# What erasure writes where a text may not be empty.
ERASED = "erased"
# Whose a row is that is nobody's any more: the nil UUID, as the two databases write it.
_NOBODY = ("0" * 32, "00000000-0000-0000-0000-000000000000")

# Table -> (delete refused, columns that may change, columns that may be erased), as the migrations name them.
_PROTECTED: dict[str, tuple[bool, frozenset[str], frozenset[str]]] = {}


def refuse_changes(
    table: str, *, also_delete: bool = True, allow_columns: Sequence[str] = (), erasable: Sequence[str] = ()
) -> migrations.RunPython:
    """A migration step: triggers that refuse UPDATE (but of `allow_columns`) and DELETE on `table`.

    `erasable` columns may be emptied (NULL, '', `ERASED` or nobody's id) when their retention ends, and changed in no
    other way.
    """
    refused, changing, emptying = _PROTECTED.get(table, (also_delete, frozenset[str](), frozenset[str]()))
    _PROTECTED[table] = (refused, changing | {*allow_columns}, emptying | {*erasable})

    def forwards(apps: Any, editor: Any) -> None:
        for statement in _statements(editor.connection, table, also_delete, allow_columns, erasable):
            editor.execute(statement)

    def backwards(apps: Any, editor: Any) -> None:
        vendor = editor.connection.vendor
        for event in ("update", "delete"):
            on = f" ON {table}" if vendor == "postgresql" else ""
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{on}")
        if vendor == "postgresql":
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_refuse() CASCADE")

    return migrations.RunPython(forwards, backwards)


def protect(**_signal: Any) -> None:
    """Put back the triggers that are missing (after migrating)."""
    if not (gone := missing()):
        return
    with connection.cursor() as cursor:
        for table in gone:
            refused, changing, emptying = _PROTECTED[table]
            for event in ("update", "delete"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{on}")
            for statement in _statements(connection, table, refused, sorted(changing), sorted(emptying)):
                cursor.execute(statement)


def missing() -> list[str]:
    """The tables that should be protected and are not: a migration made them anew, or somebody took a trigger away."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        there = {row[0] for row in cursor.fetchall()}
    return [
        table
        for table, (refused, _, _) in sorted(_PROTECTED.items())
        if table in tables and not {f"{table}_no_update"} | ({f"{table}_no_delete"} if refused else set()) <= there
    ]


def _statements(
    connection: Any, table: str, also_delete: bool, allow: Sequence[str], erasable: Sequence[str]
) -> list[str]:
    with connection.cursor() as cursor:
        columns = [c.name for c in connection.introspection.get_table_description(cursor, table)]
    held = [name for name in columns if name not in (*allow, *erasable)]
    sqlite = connection.vendor == "sqlite"
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    changed = [f'OLD."{name}" {differs} NEW."{name}"' for name in held]
    changed += [
        f'(OLD."{name}" {differs} NEW."{name}" AND NEW."{name}" IS NOT NULL '
        f'AND CAST(NEW."{name}" AS TEXT) NOT IN {("", ERASED, *_NOBODY)})'
        for name in erasable
    ]
    when = {"update": f" WHEN ({' OR '.join(changed)})" if allow or erasable else "", "delete": ""}
    events = ["update", "delete"] if also_delete else ["update"]
    message = f"{table} is never changed"
    if sqlite:
        return [
            f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table}{when[event]} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for event in events
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$",
        *(
            f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
            f"FOR EACH ROW{when[event]} EXECUTE FUNCTION {table}_refuse()"
            for event in events
        ),
    ]
