"""What a page confirmed survives `kill -9`: a small share of what `bench/station.py` does a hundred times."""

from __future__ import annotations

import os
import random

import pytest

from bench import station as bench


def test_killing_the_station_loses_nothing_that_a_page_confirmed_and_doubles_nothing() -> None:
    database = ""
    if url := os.environ.get("DATABASE_URL"):
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS fanal_kill")
            server.execute("CREATE DATABASE fanal_kill")
        database = f"{url.rpartition('/')[0]}/fanal_kill"
    with bench.station(database, lanes=3) as one:
        travellers = bench.kills(one, times=3, random_=random.Random(7))
        verdict, _ = bench.judge(one, travellers)
    assert travellers
    assert verdict.good, verdict
