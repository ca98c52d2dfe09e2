"""Tables whose rows never change: the database itself refuses, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import migrations


def refuse_changes(
    table: str, *, also_delete: bool = True, allow_columns: Sequence[str] = (), erasable: Sequence[str] = ()
) -> migrations.RunPython:
    """A migration step: triggers that refuse UPDATE (but of `allow_columns`) and DELETE on `table`.

    `erasable` columns may be emptied (NULL or '') when their retention ends, and changed in no other way.
    """

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
        f'(OLD."{name}" {differs} NEW."{name}" AND NEW."{name}" IS NOT NULL AND CAST(NEW."{name}" AS TEXT) <> \'\')'
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
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$",
        *(
            f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
            f"FOR EACH ROW{when[event]} EXECUTE FUNCTION {table}_refuse()"
            for event in events
        ),
    ]
