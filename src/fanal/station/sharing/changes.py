"""What changes between two places over time: keys, terms, a revocation, a partner that leaves, a lost checkpoint.

A new key pair stands in a later version of each agreement, signed with keys that the version before names. The partner
accepts by itself what changes our keys and nothing else; new terms wait for a person. Each of these travels over the
link as what it is, signed, and not in an envelope (`fanal.exchange.statements`), and is on both records.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from fanal.exchange import Agreement, ExchangeError, KeyPair, PublicKey, Revocation, Signed
from fanal.exchange import agreements as signing
from fanal.exchange.agreements import place_of
from fanal.exchange.statements import (
    REVOCATION,
    Counted,
    Leaving,
    Removed,
    Restored,
    is_statement,
    read_statement,
    sign_statement,
    unwrap,
    wrap,
)
from fanal.station.journal.models import Entry
from fanal.station.journal.services import record
from fanal.station.sharing import pairing, register
from fanal.station.sharing import place as places
from fanal.station.sharing.models import Datum, Inbox, Outbox, Post, RevokedKey, SignedAgreement, Step, Thread

PAIRS: Final = 4
"""Key pairs that an agreement names for a side: the newest, and those before it for what is still under way."""

PATIENCE: Final = timedelta(days=30)
"""How long the link with a partner that left is kept for its receipt."""

_AGREEMENT: Final = b'{"schema":"' + signing.SIGNED.encode()
_ENDS: Final = ("withdrawn", "gone", "no_hit", "refused", "given", "declined", "reconciled", "cosigned", "not_cosigned")


def is_change(data: bytes) -> bool:
    return data.startswith(_AGREEMENT) or is_statement(data)


def take(partner: str, data: bytes, at: datetime) -> str:
    """What a partner says about what is between us. Returns what became of it, as `inbox.receive` does."""
    name = hashlib.sha256(data).hexdigest()[:36]
    if Inbox.objects.filter(partner=partner, message=name).exists():
        return "known"
    outcome, code, kept = "applied", "", None
    try:
        with transaction.atomic():
            if data.startswith(_AGREEMENT):
                _take_agreement(partner, data, at)
            else:
                _take_statement(partner, data, at)
    except ExchangeError as error:
        outcome, code, kept = "set_aside" if error.code == "statement_version" else "refused", error.code, data
        _note(f"exchange_{outcome}", partner, "system", code=code)
    Inbox.objects.create(message=name, partner=partner, outcome=outcome, code=code, envelope=kept, received=at)
    return outcome


# --- versions of an agreement -----------------------------------------------------------------------------------------


def propose(partner: str, terms: pairing.Terms | None, *, at: datetime, actor: object) -> Agreement:
    """Propose the next version of the agreement with a partner: with other terms, or with our keys as they are now.

    Raises:
        ExchangeError: `no_agreement`, `key_not_valid` where no key of ours can sign it.
    """
    us = places.get().id
    with transaction.atomic():
        before = _in_force(partner)
        changed: dict[str, Any] = {"version": before.version + 1, "previous": before.digest}
        changed["parties"] = tuple(
            one.model_copy(update={"keys": _our_keys(before, at)}) if one.id == us else one for one in before.parties
        )
        if terms is not None:
            changed["grants"] = pairing.grants_of(terms, us, partner)
            changed |= {"valid_from": terms.valid_from, "valid_until": terms.valid_until}
        signed = signing.sign(before.model_copy(update=changed), _signing(before, at))
        _keep_proposal(partner, signed, at)
        _out(partner, signed.write(), at)
        _note(
            "agreement_proposed",
            partner,
            actor,
            agreement=before.id,
            version=before.version + 1,
            terms=terms is not None,
        )
    return signed.agreement


def proposals(partner: str | None = None) -> list[tuple[Agreement, Agreement, bool]]:
    """What was proposed and is not in force: the version, the one before it, and whether it is ours."""
    place = places.get()
    found = []
    rows = SignedAgreement.objects.filter(state="proposed", version__gt=1).order_by("partner")
    for row in rows if partner is None else rows.filter(partner=partner):
        signed, before = signing.read(row.text.encode()), _in_force(row.partner)
        found.append((signed.agreement, before, _has_signed(signed, place.id, before)))
    return found


def accept(partner: str, *, at: datetime, actor: object) -> Agreement:
    """Accept what a partner has proposed, after a person has looked at the terms.

    Raises:
        ExchangeError: `no_proposal`, and what `agreements.verify` raises.
    """
    with transaction.atomic():
        before = _in_force(partner)
        row = _proposal(partner, before)
        if row is None or _has_signed(signing.read(row.text.encode()), places.get().id, before):
            raise ExchangeError("no_proposal", partner)
        return _agree(partner, signing.read(row.text.encode()), before, at, actor)


def decline(partner: str, *, at: datetime, actor: object) -> None:
    """Put aside what a partner has proposed, or take back what we have: the version in force stays.

    Raises:
        ExchangeError: `no_proposal`.
    """
    with transaction.atomic():
        if (row := _proposal(partner, _in_force(partner))) is None:
            raise ExchangeError("no_proposal", partner)
        SignedAgreement.objects.filter(pk=row.pk).update(state="ended", at=at)
        _note("agreement_declined", partner, actor, agreement=str(row.agreement), version=row.version)


def _take_agreement(partner: str, data: bytes, at: datetime) -> None:
    """A version that both have signed is in force. One that the partner alone has is a proposal: agreed to at once
    where it changes the partner's keys and nothing else; otherwise it waits for a person."""
    signed = signing.read(data)
    new, us = signed.agreement, places.get().id
    if new.party(us) == new.party(partner):
        raise ExchangeError("not_a_party", partner)
    held = SignedAgreement.objects.select_for_update().filter(agreement=new.id, partner=partner)
    if held.filter(version=new.version, state__in=("in_force", "superseded")).exists():
        return
    row = held.filter(version=new.version).first()
    if not held.filter(state="in_force").exists():
        # The first version: ours, completed by the one who invited.
        if row is None or row.state != "proposed" or signing.read(row.text.encode()).agreement != new:
            raise ExchangeError("terms_changed", partner)
        signing.verify(signed, previous=None, at=at)
        _put_in_force(partner, signed, at, "system")
        return
    before = _in_force(partner)
    revoked = _revoked()
    if not signing.signed_by(signed, partner, at, previous=before, revoked=revoked):
        raise ExchangeError("agreement_unsigned", partner)
    if any(key.kid in revoked for key in new.party(partner).keys):
        raise ExchangeError("key_not_valid", "a key that was revoked")
    try:
        signing.verify(signed, previous=before, at=at, revoked=revoked)
    except ExchangeError as error:
        if (error.code, error.detail) != ("agreement_unsigned", us):
            raise
    else:
        _put_in_force(partner, signed, at, "system")
        return
    if row is not None and row.state == "proposed" and us < partner:
        ours = signing.read(row.text.encode())
        if ours.agreement != new and _has_signed(ours, us, before):
            # Both proposed at once: the first by name goes first. The partner takes ours, and proposes again.
            raise ExchangeError("proposal_crossed", partner)
    if signing.only_keys_of(partner, new, before):
        _agree(partner, signed, before, at, "system")
        return
    _keep_proposal(partner, signed, at)
    _note("agreement_received", partner, "system", agreement=new.id, version=new.version)


def _agree(partner: str, signed: Signed, before: Agreement, at: datetime, actor: object) -> Agreement:
    complete = signing.sign(signed, _signing(before, at))
    signing.verify(complete, previous=before, at=at, revoked=_revoked())
    _put_in_force(partner, complete, at, actor)
    _out(partner, complete.write(), at)
    return complete.agreement


def _put_in_force(partner: str, signed: Signed, at: datetime, actor: object) -> None:
    new = signed.agreement
    SignedAgreement.objects.filter(agreement=new.id, partner=partner, state="in_force").update(state="superseded")
    SignedAgreement.objects.update_or_create(
        agreement=new.id,
        version=new.version,
        defaults={"partner": partner, "text": signed.write().decode(), "state": "in_force", "at": at},
    )
    _note("agreement_in_force", partner, actor, agreement=new.id, version=new.version)


def _keep_proposal(partner: str, signed: Signed, at: datetime) -> None:
    SignedAgreement.objects.update_or_create(
        agreement=signed.agreement.id,
        version=signed.agreement.version,
        defaults={"partner": partner, "text": signed.write().decode(), "state": "proposed", "at": at},
    )


def _proposal(partner: str, before: Agreement) -> SignedAgreement | None:
    return _proposed(partner, before).select_for_update().first()


def _proposed(partner: str, before: Agreement) -> QuerySet[SignedAgreement]:
    return SignedAgreement.objects.filter(
        agreement=before.id, partner=partner, version=before.version + 1, state="proposed"
    )


def _has_signed(signed: Signed, party: str, before: Agreement) -> bool:
    """Whether a text that was verified when it was kept bears a side's signature."""
    kids = {key.kid for key in before.party(party).keys}
    return any(signing.kid_of(one) in kids for one in signed.signatures)


def _in_force(partner: str) -> Agreement:
    row = SignedAgreement.objects.filter(partner=partner, state="in_force").order_by("-at").first()
    if row is None:
        raise ExchangeError("no_agreement", partner)
    return signing.read(row.text.encode()).agreement


# --- our keys ---------------------------------------------------------------------------------------------------------


def roll(*, at: datetime, actor: object) -> KeyPair:
    """Make a new key pair and propose it to all partners. Each uses it once it has agreed; until then the old one."""
    made = places.add_key()
    _note("keys_rolled", places.get().id, actor, kid=made.sign.thumbprint())
    propose_keys(at=at)
    return made


def propose_keys(*, at: datetime) -> list[str]:
    """Propose our keys as they are now to every partner whose agreement names others. Returns to whom."""
    done = []
    for partner in _partners():
        try:
            before = _in_force(partner)
            wanted = {key.kid for key in _our_keys(before, at)}
            named = {key.kid for key in before.party(places.get().id).keys}
            if wanted == named or _proposed(partner, before).exists():
                continue
            propose(partner, None, at=at, actor="system")
            done.append(partner)
        except ExchangeError:
            continue  # no key that could sign it: the page shows the agreement as it is; pair anew
    return done


def revoke(kid: str, *, at: datetime, actor: object, anyway: bool = False) -> list[str]:
    """Declare a key pair of ours, by the kid of either half, no longer to be trusted. Returns who is told.

    Raises:
        ExchangeError: `key_unknown`; `last_key` where a partner knows no other of ours yet (roll first, and wait until
            it has agreed): `anyway` revokes it, and one has to come together anew with that partner.
    """
    us = places.get().id
    ours = places.keys()
    pair = next((one for one in ours if kid in (one.sign.thumbprint(), one.decrypt.thumbprint())), None)
    if pair is None:
        raise ExchangeError("key_unknown", kid[:43])
    with transaction.atomic():
        told = []
        for partner in _partners():
            agreement = _in_force(partner)
            named = {key.kid for key in agreement.party(us).keys}
            kids = [one for one in (pair.sign.thumbprint(), pair.decrypt.thumbprint()) if one in named]
            if not kids:
                continue
            rest = [one for one in ours if one.sign.thumbprint() in named and one is not pair]
            rest = [one for one in rest if one.sign.thumbprint() not in {*_revoked(), pair.sign.thumbprint()}]
            if not rest and not anyway:
                raise ExchangeError("last_key", partner)
            signer = rest[0] if rest else pair
            for one in kids:
                statement = signing.sign_revocation(Revocation(party=us, kid=one, at=at), signer)
                _out(partner, wrap(statement), at)
                RevokedKey.objects.get_or_create(kid=one, defaults={"party": us, "at": at, "statement": statement})
            told.append(partner)
        _note("key_revoked", us, actor, kid=pair.sign.thumbprint(), told=told)
    return told


def _our_keys(before: Agreement, at: datetime) -> tuple[PublicKey, ...]:
    """Our keys as the next version names them: what it named stays as it is, but what is revoked or long replaced."""
    named = {key.kid: key for key in before.party(places.get().id).keys}
    revoked = _revoked()
    found: list[PublicKey] = []
    ours = places.keys()
    usable = [one for one in ours if one.sign.thumbprint() not in revoked]
    for pair in usable[:PAIRS]:
        made = pair.public(at, at + timedelta(days=365 * pairing.KEY_YEARS))
        found += [named.get(key.kid, key) for key in made]
    if not found:
        raise ExchangeError("key_not_valid", places.get().id)
    return tuple(found)


def _signing(named: Agreement, at: datetime) -> KeyPair:
    """The newest of our keys that this version names and that can sign."""
    revoked = _revoked()
    fit = {key.kid for key in named.party(places.get().id).keys_for("sig", at) if key.kid not in revoked}
    ours = places.keys()
    for pair in ours:
        if pair.sign.thumbprint() in fit:
            return pair
    raise ExchangeError("key_not_valid", places.get().id)


# --- leaving ----------------------------------------------------------------------------------------------------------


def leave(partner: str, *, at: datetime, actor: object) -> Counted:
    """End the agreement with a partner. What was theirs is removed here now, what was ours is removed there; each side
    states what it removed, and the other compares. Returns what was removed here.

    Raises:
        ExchangeError: `no_agreement`, `key_not_valid`.
    """
    us = places.get().id
    with transaction.atomic():
        agreement = _in_force(partner)
        key = _signing(agreement, at)
        given = _given(us, partner)
        removed = _remove(partner, us, at)
        statement = Leaving(party=us, agreement=agreement.id, at=at, removed=removed, given=given)
        _out(partner, sign_statement(statement, key), at)
        _end(partner, "leaving", at)
        _note("partner_left", partner, actor, agreement=agreement.id, **_numbers(removed, given))
    return removed


def replace_post(partner: str, terms: pairing.Terms, *, at: datetime, actor: object) -> bytes:
    """A checkpoint of ours is lost or was stolen: its keys and its link end now, and a new invitation is written.

    Once it is accepted, the whole register is sent anew.

    Raises:
        ExchangeError: `not_our_post`, `no_agreement`.
    """
    us = places.get().id
    if not place_of(partner, us):
        raise ExchangeError("not_our_post", partner)
    with transaction.atomic():
        agreement = _in_force(partner)
        key = _signing(agreement, at)
        for one in agreement.party(partner).keys:
            statement = signing.sign_revocation(Revocation(party=partner, kid=one.kid, at=at), key)
            RevokedKey.objects.get_or_create(kid=one.kid, defaults={"party": partner, "at": at, "statement": statement})
        _end(partner, "ended", at)
        _note("post_replaced", partner, actor, agreement=agreement.id)
    places.forget(partner)
    return pairing.invite(partner, terms, at=at, actor=actor)


def _remove(partner: str, us: str, at: datetime) -> Counted:
    """Remove what came from a partner: the data, what of it stands in messages, and envelopes that were kept."""
    under = SignedAgreement.objects.filter(partner=partner).values_list("agreement", flat=True)
    rows = list(Datum.objects.filter(agreement__in=set(under), gone__isnull=True).exclude(owner=us))
    for start in range(0, len(rows), 500):
        register.end(rows[start : start + 500], "partner_left", at)
    messages = Step.objects.filter(thread__partner=partner, sender=partner, content__isnull=False).update(content=None)
    envelopes = Inbox.objects.filter(partner=partner, envelope__isnull=False).update(envelope=None)
    return _counted((row.pk for row in rows), messages, envelopes)


def _given(us: str, partner: str) -> Counted:
    """What a partner holds of ours, as far as we know."""
    threads = Thread.objects.filter(partner=partner, kind="share", opener=us).exclude(state__in=("withdrawn", "gone"))
    ours = Datum.objects.filter(owner=us, gone__isnull=True, pk__in=threads.values("datum"))
    return _counted(ours.values_list("pk", flat=True))


def _counted(ids: Iterable[uuid.UUID], messages: int = 0, envelopes: int = 0) -> Counted:
    names = sorted(str(one) for one in ids)
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    return Counted(data=len(names), digest=digest, messages=messages, envelopes=envelopes)


def _numbers(removed: Counted, given: Counted) -> dict[str, object]:
    return {"removed": removed.model_dump(), "given": given.model_dump(include={"data", "digest"})}


def _end(partner: str, state: str, at: datetime) -> None:
    """End all agreements and threads with a partner, and what was not sent yet; `_out` comes before it."""
    live = SignedAgreement.objects.filter(partner=partner, state__in=("in_force", "leaving", "proposed"))
    live.filter(state="proposed").update(state="ended", at=at)
    live.filter(state__in=("in_force", "leaving")).update(state=state, at=at)
    Thread.objects.filter(partner=partner).exclude(state__in=_ENDS).update(state="ended")
    unsent = Outbox.objects.filter(partner=partner, published__isnull=True)
    unsent.exclude(pk__in=_changes(unsent)).delete()
    Post.objects.filter(partner=partner).delete()


def _changes(rows: QuerySet[Outbox]) -> list[int]:
    return [row.pk for row in rows if is_change(bytes(row.envelope))]


# --- statements -------------------------------------------------------------------------------------------------------


def _take_statement(partner: str, data: bytes, at: datetime) -> None:
    signature, kind = unwrap(data)
    rows = SignedAgreement.objects.select_for_update().filter(
        partner=partner, state__in=("in_force", "leaving", "ended")
    )
    # The newest that is or was in force; a declined proposal is none.
    texts = [row for row in rows.order_by("-at", "-version") if _complete(row)]
    if not texts:
        raise ExchangeError("no_agreement", partner)
    row = texts[0]
    agreement = signing.read(row.text.encode()).agreement
    if kind == REVOCATION:
        _take_revocation(partner, signature, agreement)
        return
    statement = read_statement(data, agreement, partner, at=at, revoked=_revoked())
    if isinstance(statement, Leaving) and row.state != "ended":
        _partner_leaves(partner, statement, agreement, row.state, at)
    elif isinstance(statement, Removed) and row.state == "leaving":
        _partner_removed(partner, statement, at)
    elif isinstance(statement, Restored) and row.state == "in_force":
        _send_again(partner, statement)


def _complete(row: SignedAgreement) -> bool:
    try:
        return len(signing.read(row.text.encode()).signatures) > 1
    except ExchangeError:
        return False  # an invitation


def _take_revocation(partner: str, signature: str, agreement: Agreement) -> None:
    revocation = signing.read_revocation(signature, agreement)
    if revocation.party != partner:
        raise ExchangeError("not_a_party", revocation.party)
    RevokedKey.objects.get_or_create(
        kid=revocation.kid, defaults={"party": partner, "at": revocation.at, "statement": signature}
    )
    _note("key_revoked", partner, "system", kid=revocation.kid)


def _partner_leaves(partner: str, statement: Leaving, agreement: Agreement, state: str, at: datetime) -> None:
    us = places.get().id
    key = _signing(agreement, at)
    given = _given(us, partner)
    removed = _remove(partner, us, at)
    _end(partner, "ended", at)
    entry = _note(
        "partner_left",
        partner,
        "system",
        agreement=agreement.id,
        **_numbers(removed, given),
        stated=statement.removed.model_dump(),
        same=statement.removed.digest == given.digest,
    )
    # Where both left at once, ours is under way, and each states what it removed in it.
    receipt = Removed(party=us, agreement=agreement.id, at=at, removed=removed, entry=entry.index)
    _out(partner, sign_statement(receipt, key), at)


def _partner_removed(partner: str, statement: Removed, at: datetime) -> None:
    left = Entry.objects.filter(action="partner_left", subject=partner).order_by("-index").first()
    given = json.loads(left.body)["data"].get("given", {}) if left else {}
    SignedAgreement.objects.filter(partner=partner, state="leaving").update(state="ended", at=at)
    _note(
        "partner_removed",
        partner,
        "system",
        agreement=statement.agreement,
        removed=statement.removed.model_dump(),
        entry=statement.entry,
        given=given,
        same=statement.removed.digest == given.get("digest"),
    )


def unlink(*, at: datetime) -> list[str]:
    """End the links with partners that left, once all that is between us has arrived. Returns whose."""
    from fanal.station.sharing.queries import links_now

    place = places.find()
    if place is None:
        return []
    live = set(
        SignedAgreement.objects.filter(state__in=("proposed", "in_force", "leaving")).values_list("partner", flat=True)
    )
    over = dict(
        SignedAgreement.objects.filter(state__in=("leaving", "ended")).order_by("at").values_list("partner", "at")
    )
    done = []
    for link in place.links:
        left = over.get(link.partner)
        if left is None:
            continue
        late = left + PATIENCE < at and not SignedAgreement.objects.filter(
            partner=link.partner, state__in=("proposed", "in_force")
        )
        if link.partner in live and not late:
            continue
        if not late:
            if Outbox.objects.filter(partner=link.partner, published__isnull=True).exists():
                continue
            _, waiting = links_now(place, [link.partner]).get(link.partner, (False, None))
            if waiting != 0:
                continue
        SignedAgreement.objects.filter(partner=link.partner, state="leaving").update(state="ended")
        places.forget(link.partner)
        _note("partner_unlinked", link.partner, "system", receipt=not late)
        done.append(link.partner)
    return done


# --- after a restore --------------------------------------------------------------------------------------------------


def after_restore(at: datetime) -> None:
    """Where this place was restored from a backup: do what `restored` does, once."""
    if (since := places.restored_since()) is not None:
        restored(since, at=at)
        places.restoring_done()


def restored(since: datetime, *, at: datetime) -> list[str]:
    """This place was restored from a backup of `since`. What it had written may not have arrived: it goes again, and
    partners know the ids. What came after `since` is asked for once more. Returns who is asked."""
    us = places.get().id
    with transaction.atomic():
        Outbox.objects.filter(published__isnull=False).update(published=None)
        Post.objects.update(given=0, confirmed=0, under_way=[])
        asked = []
        for partner in _partners():
            agreement = _in_force(partner)
            statement = Restored(party=us, agreement=agreement.id, at=at, since=since)
            _out(partner, sign_statement(statement, _signing(agreement, at)), at)
            asked.append(partner)
        _note("place_restored", us, "system", since=since.isoformat(), asked=asked)
    return asked


def _send_again(partner: str, statement: Restored) -> None:
    """Send once more what a partner lost: all that it may have acknowledged after its backup was made. The stream would
    keep a second one of the same id from going, so each goes under its next number."""
    lost = Outbox.objects.filter(partner=partner, published__gte=statement.since - timedelta(hours=1))
    again = 0
    for row in lost:
        row.round, row.published = row.round + 1, None
        row.save(update_fields=["round", "published"])
        again += 1
    Post.objects.filter(partner=partner).update(given=0, confirmed=0, under_way=[])
    _note("partner_restored", partner, "system", since=statement.since.isoformat(), again=again)


def _partners() -> list[str]:
    return sorted(set(SignedAgreement.objects.filter(state="in_force").values_list("partner", flat=True)))


def _revoked() -> dict[str, datetime]:
    return dict(RevokedKey.objects.values_list("kid", "at"))


def _out(partner: str, data: bytes, at: datetime) -> None:
    Outbox.objects.create(message=uuid.uuid4(), partner=partner, envelope=data, written=at)


def _note(action: str, partner: str, actor: object, **data: object) -> Entry:
    return record(actor=actor, action=action, subject_kind="partner", subject=partner, why="oversight", data=data)
