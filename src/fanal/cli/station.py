"""What the commands about a station share."""

from __future__ import annotations

import os
import sys


def open_station(command: str) -> bool:
    """Make the station's database usable to this command. False, with what is missing said, where it is not."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")
    try:
        import django
        from django.core.exceptions import ImproperlyConfigured
    except ImportError:
        print("The station is an extra: pip install 'fanal[station]'", file=sys.stderr)
        return False
    try:
        django.setup()
        from django.db import DatabaseError, connection
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (ImproperlyConfigured, DatabaseError) as error:
        print(f"fanal {command}: the station's database cannot be opened: {type(error).__name__}", file=sys.stderr)
        return False
    if behind:
        print(f"fanal {command}: this station was not started with this version yet: fanal up", file=sys.stderr)
        return False
    return True
