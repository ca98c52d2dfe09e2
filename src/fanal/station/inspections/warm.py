"""Loading what reads pictures before the first traveller needs it: the models take seconds, a scan should not."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from typing import Final

from fanal.documents import Evidence, Kind
from fanal.inspection import Context, NotReadable, read
from fanal.station.inspections.services import checks
from fanal.station.logs import where

log = logging.getLogger(__name__)

_NICENESS: Final = 15  # whoever is at a desk already goes first


def warm_up() -> threading.Thread:
    """Read a specimen once, in a thread of low priority; pages are served meanwhile."""
    thread = threading.Thread(target=_read_once, name="warm-up", daemon=True)
    thread.start()
    return thread


def _read_once() -> None:
    from django.utils import timezone

    from fanal.specimens import shipped

    with suppress(AttributeError, OSError):  # a thread's own priority is a thing of Linux
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    try:
        checks()
        page = shipped()[0].pictures[0].read_bytes()
        read([Evidence.of(Kind.PICTURE, page)], Context(on=timezone.localdate()))
    except NotReadable:
        return  # without the extra for pictures there is nothing to load
    except Exception as error:  # noqa: BLE001 - the first scan will say what is wrong, to somebody who can act on it
        log.warning("warm-up failed: %s", where(error))
