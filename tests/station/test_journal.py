"""The record of the station: whole, in order, and telling when it is not."""

import pytest
from django.db import DatabaseError, connection, transaction

from fanal.ledger import Checkpoint, Signer, open_note
from fanal.station.crossings.models import Person
from fanal.station.immutable import missing, protect
from fanal.station.journal.commitments import SALT_BYTES
from fanal.station.journal.models import Commitment, Entry, Head, SignedHead
from fanal.station.journal.services import Problem, record, record_erasure, sign_head, verify

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


def test_a_record_rewritten_with_the_stations_own_key_is_found_by_a_head_held_elsewhere() -> None:
    write(3)
    text, _ = open_note(sign_head(SIGNER).note, (SIGNER.verifier,))
    held = Checkpoint.parse(text)
    assert list(verify((SIGNER.verifier,), held=[held])) == []
    without_triggers("DELETE FROM journal_signedhead")
    without_triggers("DELETE FROM journal_entry")
    Head.objects.all().delete()
    write(2)
    sign_head(SIGNER)
    assert problems() == []
    assert list(verify((SIGNER.verifier,), held=[held])) == [Problem("entries_removed", 3)]
    write(2)
    assert list(verify((SIGNER.verifier,), held=[held])) == [Problem("head_differs", 3)]


def traveller() -> Person:
    person = Person.objects.create(primary_identifier="ERIKSSON", secondary_identifier="ANNA MARIA", nationality="UTO")
    record(actor="system", action="test", subject_kind="person", subject=person.pk, why="test", rows=(person,))
    return person


def test_an_entry_commits_to_a_row_and_holds_nothing_of_it() -> None:
    person = traveller()
    body = Entry.objects.get(subject=str(person.pk)).body
    assert "ERIKSSON" not in body
    assert len(bytes(Commitment.objects.get().salt or b"")) == SALT_BYTES
    assert problems() == []


def test_a_row_that_was_changed_or_removed_is_found() -> None:
    person = traveller()
    Person.objects.filter(pk=person.pk).update(primary_identifier="ERIKSEN")
    assert problems() == [Problem("row_changed", 0)]
    Person.objects.filter(pk=person.pk).delete()
    assert problems() == [Problem("row_missing", 0)]


def test_a_row_that_was_changed_on_the_record_is_as_the_record_says() -> None:
    person = traveller()
    person.primary_identifier = "ERIKSEN"
    person.save()
    record(actor="system", action="test", subject_kind="person", subject=person.pk, why="test", rows=(person,))
    assert problems() == []


def test_an_erased_row_leaves_the_record_whole_and_no_salt_behind() -> None:
    person = traveller()
    Person.objects.filter(pk=person.pk).update(primary_identifier="", secondary_identifier="", nationality="")
    record_erasure(
        rows=(person,), actor="system", action="erased", subject_kind="person", subject=person.pk, why="retention"
    )
    assert Commitment.objects.get().salt is None
    assert problems() == []


def test_a_salt_that_vanishes_without_an_erasure_on_the_record_is_found() -> None:
    traveller()
    write(1)
    Commitment.objects.update(salt=None, erased=Entry.objects.get(index=1))
    assert problems() == [Problem("erasure_missing", 0)]


def test_triggers_that_a_migration_loses_are_put_back() -> None:
    on = " ON journal_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER journal_entry_no_update{on}")
    assert missing() == ["journal_entry"]
    protect()
    assert missing() == []
    write(1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE journal_entry SET why = 'x'")
