"""The record of the station: whole, in order, and telling when it is not."""

import pytest
from django.db import DatabaseError, connection, transaction

from fanal.ledger import Signer
from fanal.station.journal.models import Entry, Head, SignedHead
from fanal.station.journal.services import Problem, record, sign_head, verify

pytestmark = pytest.mark.django_db
SIGNER = Signer.generate("fanal.example/malpasse")


def write(n: int) -> None:
    for i in range(n):
        record(actor="system", action="test", subject_kind="person", subject=i, why="test")


def without_triggers(sql: str) -> None:
    """As someone with the database's own rights would change it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(sql)
            cursor.execute("SET session_replication_role = DEFAULT")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(sql)
            for _, create in triggers:
                cursor.execute(create)


def problems() -> list[Problem]:
    return list(verify((SIGNER.verifier,)))


def test_a_record_with_signed_heads_is_whole() -> None:
    write(3)
    sign_head(SIGNER)
    write(4)
    assert sign_head(SIGNER).size == 7
    assert problems() == []
    assert [e.index for e in Entry.objects.order_by("index")] == list(range(7))


def test_the_same_head_is_signed_once() -> None:
    write(1)
    assert sign_head(SIGNER).pk == sign_head(SIGNER).pk


@pytest.mark.parametrize("sql", ["UPDATE journal_entry SET why = 'x'", "DELETE FROM journal_entry"])
def test_the_database_refuses_to_change_an_entry(sql: str) -> None:
    write(2)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert problems() == []


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (
            "UPDATE journal_entry SET body = replace(body, 'test', 'tost') WHERE journal_entry.index = 1",
            "entry_changed",
        ),
        ("UPDATE journal_entry SET actor = 'someone' WHERE journal_entry.index = 1", "entry_columns"),
        ("DELETE FROM journal_entry WHERE journal_entry.index = 1", "entry_missing"),
        ("DELETE FROM journal_entry WHERE journal_entry.index = 2", "entries_removed"),
    ],
)
def test_whoever_changes_it_behind_the_triggers_is_found(sql: str, code: str) -> None:
    write(3)
    sign_head(SIGNER)
    quoted = sql.replace("journal_entry.index", 'journal_entry."index"')
    without_triggers(quoted)
    assert code in {p.code for p in problems()}


def test_a_record_rewritten_whole_is_found_by_the_head_that_was_signed() -> None:
    write(3)
    note = sign_head(SIGNER).note
    without_triggers("DELETE FROM journal_entry")
    Head.objects.all().delete()
    write(3)
    assert SignedHead.objects.get().note == note
    assert Problem("head_differs", 3) in problems()


def test_what_is_rolled_back_leaves_no_gap() -> None:
    write(1)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(1)
        _ = 1 / 0
    write(1)
    assert problems() == []
