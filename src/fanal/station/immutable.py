"""Tables whose rows never change: the database itself refuses, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import migrations


def refuse_changes(table: str, *, also_delete: bool = True, allow_columns: Sequence[str] = ()) -> migrations.RunPython:
    """A migration step: triggers that refuse UPDATE (but of `allow_columns`) and DELETE on `table`."""

    def forwards(apps: Any, editor: Any) -> None:
        for statement in _statements(editor.connection, table, also_delete, allow_columns):
            editor.execute(statement)

    def backwards(apps: Any, editor: Any) -> None:
        vendor = editor.connection.vendor
        for event in ("update", "delete"):
            on = f" ON {table}" if vendor == "postgresql" else ""
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{on}")
        if vendor == "postgresql":
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_refuse() CASCADE")

    return migrations.RunPython(forwards, backwards)


def _statements(connection: Any, table: str, also_delete: bool, allow: Sequence[str]) -> list[str]:
    with connection.cursor() as cursor:
        columns = [c.name for c in connection.introspection.get_table_description(cursor, table)]
    held = [name for name in columns if name not in allow]
    events = ["update", "delete"] if also_delete else ["update"]
    message = f"{table} is never changed"
    if connection.vendor == "sqlite":
        of = f" OF {', '.join(held)}" if allow else ""
        return [
            f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()}{of if event == 'update' else ''} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for event in events
        ]
    of = f" OF {', '.join(held)}" if allow else ""
    return [
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$",
        *(
            f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()}{of if event == 'update' else ''} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
            for event in events
        ),
    ]
