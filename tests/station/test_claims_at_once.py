"""Officers who claim one case at the same instant, each in a process of their own: one has it, the others are told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.station.command import environment, prepare

RIVALS = 3

CASE = """
import django; django.setup()
from fanal.station.accounts.models import Grant, Officer
from fanal.station.places.models import Lane
from tests.station.travellers import refer
for number in range(int({rivals})):
    rival = Officer.objects.create(username=f"rival{{number}}", name=f"Rival {{number}}")
    Grant.objects.create(officer=rival, role="secondary")
lane = Lane.objects.filter(direction="entry").first()
print(refer(Officer.objects.get(username="primary"), lane).pk)
"""

CLAIM = """
import sys, uuid
import django; django.setup()
from fanal.station.accounts.models import Officer
from fanal.station.errors import Refusal
from fanal.station.secondary import services
rival = Officer.objects.get(username=sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
try:
    services.claim(request_id=uuid.uuid4(), officer=rival, case=uuid.UUID(sys.argv[2]))
except Refusal as refusal:
    print(refusal.code)
else:
    print("claimed")
"""


def test_of_officers_who_claim_a_case_at_once_one_has_it_and_the_others_are_told(tmp_path: Path) -> None:
    more: dict[str, str] = {}
    if url := os.environ.get("DATABASE_URL"):
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS fanal_claims")
            server.execute("CREATE DATABASE fanal_claims")
        more["DATABASE_URL"] = f"{url.rpartition('/')[0]}/fanal_claims"
    prepare(tmp_path, **more)
    env = environment(tmp_path, **more)

    code = CASE.format(rivals=RIVALS)
    made = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    case = made.stdout.strip()
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, f"rival{number}", case],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(RIVALS)
    ]
    for rival in rivals:
        assert rival.stdout is not None
        assert rival.stdout.readline() == "ready\n"
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("\n")
        rival.stdin.flush()
    answers = [rival.communicate()[0].strip() for rival in rivals]
    assert sorted(answers) == ["claimed", *["move_state"] * (RIVALS - 1)]
