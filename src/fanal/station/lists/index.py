"""The index on disk of what is in force, kept as the database says.

A row that changed is marked; before the lists are asked, marked rows are brought into the index. So an entry is found
as soon as it is approved, by every process of the station, and a crash between the two loses nothing. A station
without the files (a restored one) makes them anew.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from fanal.screening import Entry, NumberIndex, PersonIndex
from fanal.station.lists.entries import numbers_of, person_of
from fanal.station.lists.models import ListEntry

_open: dict[tuple[Path, int], Index] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Index:
    persons: PersonIndex
    numbers: NumberIndex


def opened() -> Index:
    """This thread's index, up to date.

    Raises:
        ScreeningError: a file is damaged.
    """
    folder = Path(settings.HOME) / "screening"
    key = (folder, threading.get_ident())
    files = (folder / "persons.db", folder / "numbers.db")
    with _lock:
        missing = not all(file.exists() for file in files)
        if missing:
            folder.mkdir(parents=True, exist_ok=True)
            for old in [k for k in _open if k[0] == folder]:
                del _open[old]
        if key not in _open:
            _open[key] = Index(PersonIndex(files[0]), NumberIndex(files[1]))
        index = _open[key]
    if missing:
        ListEntry.objects.filter(state=ListEntry.State.IN_FORCE).update(indexed=False)
    _catch_up(index)
    return index


def keep_up() -> None:
    """The worker's turn: what partners gave in thousands is in the index before an officer asks."""
    if ListEntry.objects.filter(indexed=False).exists():
        opened()


def _catch_up(index: Index) -> None:
    while marked := list(ListEntry.objects.filter(indexed=False)[:2000]):
        for entry in marked:
            index.persons.remove(str(entry.watch_list_id), str(entry.pk))
            index.numbers.remove(str(entry.watch_list_id), str(entry.pk))
        live = [entry for entry in marked if entry.state == ListEntry.State.IN_FORCE]
        index.persons.add_all(
            Entry(str(entry.watch_list_id), str(entry.pk), person_of(entry.person)) for entry in live if entry.person
        )
        index.numbers.add(listed for entry in live for listed in numbers_of(entry))
        ListEntry.objects.filter(pk__in=[entry.pk for entry in marked]).update(indexed=True)
