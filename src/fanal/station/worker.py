"""The worker: what the station does by itself, apart from the pages. `python -m fanal.station.worker`

Each job is a function without arguments that does what is due and returns; it is called again after its pause. A job
that fails is logged and tried again; it never ends the worker or another job. Whatever a job does is in transactions,
so the worker can be killed at any instant.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import close_old_connections
from django.utils.module_loading import import_string

from fanal.station.logs import where
from fanal.station.processes import die_with_parent

log = logging.getLogger("fanal.worker")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds. `run` is the dotted path of a function without arguments."""

    name: str
    run: str
    every: float


# In this order, so that a head that is signed covers what the others wrote.
JOBS: tuple[Job, ...] = (
    Job("hits", "fanal.station.lists.hits.expire_due", 60.0),
    Job("watched folder", "fanal.station.inspections.watched.take_in", 0.5),
    Job("index of lists", "fanal.station.lists.index.keep_up", 0.5),
    Job("retention", "fanal.station.privacy.retention.run", 3600.0),
    Job("windows", "fanal.station.api.services.forget_windows", 3600.0),
    Job("sessions", "fanal.station.accounts.services.forget_sessions", 3600.0),
    Job("heads", "fanal.station.journal.jobs.sign_heads", 60.0),
    Job("expiry of shared data", "fanal.station.sharing.jobs.expire", 60.0),
    Job("lists to partners", "fanal.station.sharing.given.share", 2.0),
    Job("keys and partners that left", "fanal.station.sharing.jobs.changes_over_time", 5.0),
    Job("envelopes before their time", "fanal.station.sharing.jobs.take_again", 20.0),
    Job("passages to neighbours", "fanal.station.sharing.reconcile.offer", 60.0),
    Job("reminders", "fanal.station.sharing.jobs.remind", 10.0),
    Job("heads for partners", "fanal.station.sharing.jobs.send_heads", 60.0),
)


def work(jobs: Sequence[Job] = JOBS) -> None:
    """Do the jobs as they fall due, until a signal asks for the end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    due = {job.name: 0.0 for job in jobs}
    while not stop.is_set() and os.getppid() == parent:
        for job in jobs:
            if stop.is_set() or time.monotonic() < due[job.name]:
                continue
            run(job)
            due[job.name] = time.monotonic() + job.every
        stop.wait(0.2)


def run(job: Job) -> bool:
    """One turn of a job; whether it went well."""
    close_old_connections()
    try:
        import_string(job.run)()
    except Exception as error:  # noqa: BLE001 - whatever a job does, the others go on
        log.error("job %s failed: %s", job.name, where(error))
        return False
    finally:
        close_old_connections()
    return True


if __name__ == "__main__":
    die_with_parent()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")
    django.setup()
    from fanal.station.worker import work as _work  # the module by its name, not as __main__

    _work()
