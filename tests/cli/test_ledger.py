"""`fanal ledger` on a station's own data, as an operator runs it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.station.command import fanal


def test_a_folder_without_a_station_says_so(tmp_path: Path) -> None:
    status, words = fanal(tmp_path / "new", "ledger", "verify")
    assert status == 2
    assert "not started" in words


def test_the_record_is_whole_until_somebody_writes_into_the_file(station: Path, tmp_path: Path) -> None:
    status, head = fanal(station, "ledger", "head")
    assert status == 0
    (tmp_path / "head").write_text(head)
    size = head.splitlines()[1]
    with sqlite3.connect(station / "station.sqlite3") as reading:
        assert reading.execute("SELECT count(*) FROM journal_entry").fetchall() == [(int(size),)]
    reading.close()
    status, words = fanal(station, "ledger", "verify", "--evidence", "--head", str(tmp_path / "head"))
    assert (status, words) == (0, f"The record is whole: {size} entries, 1 signed heads, 1 held elsewhere.\n")

    (tmp_path / "forged").write_text(head.replace(f"\n{size}\n", f"\n{int(size) + 1}\n"))
    status, words = fanal(station, "ledger", "verify", "--head", str(tmp_path / "forged"))
    assert status == 1
    assert "signature_wrong" in words

    database = sqlite3.connect(station / "station.sqlite3")
    database.execute("DROP TRIGGER journal_entry_no_update")
    database.execute("""UPDATE journal_entry SET body = replace(body, 'demonstration', 'x') WHERE "index" = 3""")
    database.commit()
    database.close()
    status, words = fanal(station, "ledger", "verify")
    assert status == 1
    assert "entry_changed 3:" in words
    assert "trigger_missing journal_entry:" in words
    assert "NOT whole" in words


def test_the_public_key_is_printed_in_the_form_that_witnesses_read(station: Path) -> None:
    from fanal.ledger import Verifier

    status, words = fanal(station, "ledger", "key")
    assert status == 0
    assert Verifier.parse(words).name == "fanal.invalid/station"
