"""Writing to the record, signing its heads, and verifying it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from fanal.ledger import Checkpoint, LedgerError, Signer, Tree, Verifier, canonical, leaf_hash, open_note, sign_note
from fanal.station.journal import commitments
from fanal.station.journal.models import Commitment, Entry, Head, SignedHead


def record(
    *,
    actor: object,
    action: str,
    subject_kind: str,
    subject: object,
    why: str,
    data: Mapping[str, object] | None = None,
    rows: Iterable[models.Model] = (),
) -> Entry:
    """Append an entry, in the transaction of what it records: call it last, since it takes the record's one lock.

    `why` is the purpose: a code, as the agreements and the notices to travellers name it. `data` holds ids and codes
    only: the record outlives what retention erases. To `rows` as they stand now the entry commits
    (`journal.commitments`).
    """
    with transaction.atomic():
        made = commitments.commit(rows)
        held = dict(data or {}) | ({"commits": {name: digest for name, _, _, digest in made}} if made else {})
        head = _locked_head()
        tree = Tree(head.size, tuple(bytes.fromhex(p) for p in head.peaks))
        at = datetime.now(UTC)
        entry = {
            "index": head.size,
            "at": at.isoformat(timespec="microseconds"),
            "actor": _id(actor),
            "action": action,
            "subject_kind": subject_kind,
            "subject": str(subject),
            "why": why,
            "data": held,
        }
        body = canonical(entry)
        leaf = leaf_hash(body)
        tree = tree.append(leaf)
        row = Entry.objects.create(
            index=head.size,
            at=at,
            actor=str(entry["actor"]),
            action=action,
            subject_kind=subject_kind,
            subject=str(subject),
            why=why,
            body=body.decode(),
            leaf=leaf,
        )
        Commitment.objects.bulk_create(
            Commitment(entry=row, row=name, fields=fields, salt=salt) for name, fields, salt, _ in made
        )
        head.size, head.peaks = tree.size, [p.hex() for p in tree.peaks]
        head.save(update_fields=["size", "peaks"])
        return row


def record_erasure(*, rows: Sequence[models.Model], **entry: Any) -> Entry:
    """An entry that rows were erased, and the end of the salts of what the record committed to about them."""
    with transaction.atomic():
        names = [commitments.name_of(row) for row in rows]
        made = record(**entry | {"data": {**entry.get("data", {}), "rows": names}})
        Commitment.objects.filter(row__in=names, salt__isnull=False).update(salt=None, erased=made)
        return made


def _locked_head() -> Head:
    head = Head.objects.select_for_update().filter(id=1).first()
    if head is None:
        Head.objects.get_or_create(id=1)
        head = Head.objects.select_for_update().get(id=1)
    return head


def _id(actor: object) -> str:
    return str(getattr(actor, "pk", None) or actor)


def sign_head(signer: Signer) -> SignedHead:
    """Sign the head as it stands; the same head twice is one row."""
    with transaction.atomic():
        head = _locked_head()
        tree = Tree(head.size, tuple(bytes.fromhex(p) for p in head.peaks))
        if earlier := SignedHead.objects.filter(size=tree.size).first():
            return earlier
        note = sign_note(str(Checkpoint(signer.name, tree.size, tree.root)), signer)
        return SignedHead.objects.create(size=tree.size, root=tree.root, note=note, at=datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something on the record that does not hold: a stable code and the index of the entry or the size of the head."""

    code: str
    at: int


def verify(verifiers: tuple[Verifier, ...] = (), *, held: Iterable[Checkpoint] = ()) -> Iterator[Problem]:
    """Everything on the record that does not hold; nothing, if it is whole.

    1. Entries stand without a gap, each body hashes to its leaf, and says what its columns say.
    2. The tree over them is the one whose state is kept.
    3. Each signed head is the root that the tree had at its size, and its signature holds.
    4. So is each head that somebody else holds (`held`): a record rewritten with the station's own key differs there.
    5. The rows that entries commit to are as they were, or erased with an entry that says so.
    """
    heads = {h.size: h for h in SignedHead.objects.order_by("size")}
    others: dict[int, list[Checkpoint]] = {}
    for checkpoint in held:
        others.setdefault(checkpoint.size, []).append(checkpoint)
    tree = Tree()
    yield from _check_head(heads.pop(0, None), tree, verifiers)
    for entry in Entry.objects.order_by("index").iterator(2000):
        if entry.index != tree.size:
            yield Problem("entry_missing", tree.size)
            return
        leaf = leaf_hash(entry.body.encode())
        if leaf != bytes(entry.leaf):
            yield Problem("entry_changed", entry.index)
        elif not _columns_agree(entry):
            yield Problem("entry_columns", entry.index)
        tree = tree.append(leaf)
        yield from _check_head(heads.pop(tree.size, None), tree, verifiers)
        if any(other.root != tree.root for other in others.pop(tree.size, ())):
            yield Problem("head_differs", tree.size)
    for size in sorted({*heads, *others} - {0}):
        yield Problem("entries_removed", size)
    head = Head.objects.filter(id=1).first()
    kept = (head.size, tuple(head.peaks)) if head else (0, ())
    if kept != (tree.size, tuple(p.hex() for p in tree.peaks)):
        yield Problem("state_differs", tree.size)
    for code, index in commitments.changed():
        yield Problem(code, index)


def _columns_agree(entry: Entry) -> bool:
    body = json.loads(entry.body)
    same = ("actor", "action", "subject_kind", "subject", "why")
    return (
        all(body[name] == getattr(entry, name) for name in same)
        and body["index"] == entry.index
        and datetime.fromisoformat(body["at"]) == entry.at
    )


def _check_head(head: SignedHead | None, tree: Tree, verifiers: tuple[Verifier, ...]) -> Iterator[Problem]:
    if head is None:
        return
    if bytes(head.root) != tree.root:
        yield Problem("head_differs", head.size)
    if verifiers:
        try:
            text, _ = open_note(head.note, verifiers)
            checkpoint = Checkpoint.parse(text)
        except LedgerError:
            yield Problem("head_signature", head.size)
            return
        if (checkpoint.size, checkpoint.root) != (tree.size, tree.root):
            yield Problem("head_differs", head.size)
