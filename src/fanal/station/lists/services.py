"""Lists, entries, imports, rules: each written by one person and put in force by another."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from fanal.screening import ScreeningError
from fanal.screening.imports import Row, guess_form, preview, read_fields, read_rows
from fanal.screening.imports import RowError as ImportError_
from fanal.station.accounts.models import Officer
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.services import record
from fanal.station.lists import codes, conditions, signals
from fanal.station.lists.entries import number_json, person_json, title_of
from fanal.station.lists.models import Hit, ListEntry, ListImport, Redress, Rule, WatchList

MAX_IMPORT: Final = 40 * 1024 * 1024  # octets
MAX_IMPORT_ROWS: Final = 200_000
MAX_PHOTO: Final = 2 * 1024 * 1024
REVIEW_DAYS: Final = 180


def _require(values: Mapping[str, str], *names: str) -> None:
    for name in names:
        if not values.get(name, "").strip():
            raise Refusal("list_field_missing", field=name)


def _day(text: str, name: str, *, after: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal("list_field_missing", field=name) from None
    if day <= after:
        raise Refusal("list_day_past", field=name)
    return day


def make_list(*, officer: Officer, values: Mapping[str, str], purposes: list[str], handling: list[str]) -> WatchList:
    """A new list, empty.

    Raises:
        Refusal: `list_field_missing`, `list_code_unknown`, `list_day_past`, `list_name_taken`.
    """
    _require(values, "name", "owner", "legal_basis", "expires_on")
    if not purposes:
        raise Refusal("list_field_missing", field="purposes")
    sharing = values.get("sharing") or "none"
    known = (
        values.get("subject") in codes.SUBJECTS
        and sharing in codes.SHARING
        and values.get("action") in codes.ACTIONS
        and set(purposes) <= set(codes.PURPOSES)
        and set(handling) <= set(codes.HANDLING)
    )
    if not known:
        raise Refusal("list_code_unknown")
    expires_on = _day(values["expires_on"], "expires_on", after=timezone.localdate())
    hours = values.get("hours_to_compare", "") or "2"
    if not hours.isdecimal() or not 1 <= int(hours) <= 72:
        raise Refusal("list_code_unknown")
    with transaction.atomic():
        if WatchList.objects.filter(name=values["name"].strip()).exists():
            raise Refusal("list_name_taken")
        made = WatchList.objects.create(
            name=values["name"].strip()[:100],
            subject=values["subject"],
            owner=values["owner"].strip()[:200],
            contact=values.get("contact", "").strip()[:200],
            legal_basis=values["legal_basis"].strip()[:300],
            purposes=purposes,
            handling=handling,
            action=values["action"],
            sharing=sharing,
            hours_to_compare=int(hours),
            expires_on=expires_on,
            created_by=officer,
        )
        record(actor=officer, action="list_made", subject_kind="list", subject=made.pk, why="lists", rows=[made])
    return made


# --- entries ----------------------------------------------------------------------------------------------------------


def propose(
    *,
    request_id: UUID,
    officer: Officer,
    watch_list: WatchList,
    values: Mapping[str, str],
    photo: bytes = b"",
) -> ListEntry:
    """A proposed entry: in force only when another person has approved it. The same request twice is one entry.

    Raises:
        Refusal: `entry_row` (with the code of the field's error), `entry_wrong_subject`, `list_field_missing`,
            `list_day_past`, `entry_photo`.
    """
    if earlier := ListEntry.objects.filter(request_id=request_id).first():
        return earlier
    _require_ours(watch_list)
    _require(values, "reason", "expires_on")
    row = read_fields(values)
    if isinstance(row, ImportError_):
        raise Refusal("traits_alone" if row.code == "traits_alone" else "entry_row", problem=row.code, field=row.column)
    _require_subject(watch_list, row)
    today = timezone.localdate()
    expires_on = _day(values["expires_on"], "expires_on", after=today)
    if expires_on > watch_list.expires_on:
        raise Refusal("entry_outlives_list")
    if photo and (len(photo) > MAX_PHOTO or photo[:2] not in (b"\xff\xd8", b"\x89P")):
        raise Refusal("entry_photo")
    if photo and not values.get("photo_basis", "").strip():
        raise Refusal("list_field_missing", field="photo_basis")
    review = values.get("review_on", "")
    with transaction.atomic():
        made = _entry(watch_list, row, officer)
        made.request_id = request_id
        made.reason, made.evidence = values["reason"].strip()[:4000], values.get("evidence", "").strip()[:4000]
        made.photo, made.photo_basis = photo or None, values.get("photo_basis", "").strip()[:300]
        made.review_on = (
            _day(review, "review_on", after=today) if review else min(expires_on, today + timedelta(days=REVIEW_DAYS))
        )
        made.expires_on = expires_on
        made.save(force_insert=True)
        record(
            actor=officer, action="entry_proposed", subject_kind="list_entry", subject=made.pk, why="lists",
            data={"list": str(watch_list.pk)}, rows=[made],
        )  # fmt: skip
    return made


def _require_ours(watch_list: WatchList) -> None:
    if watch_list.partner:
        raise Refusal("list_of_partner", partner=watch_list.partner)


def _require_subject(watch_list: WatchList, row: Row) -> None:
    kinds = {number.kind.value for number in row.numbers}
    fits = {
        "persons": row.person is not None,
        "documents": row.person is None and kinds == {"document"},
        "things": row.person is None and "document" not in kinds,
    }
    if not fits[watch_list.subject]:
        raise Refusal("entry_wrong_subject")


def _entry(watch_list: WatchList, row: Row, author: Officer) -> ListEntry:
    today = timezone.localdate()
    expires_on = min(date.fromisoformat(row.expires), watch_list.expires_on) if row.expires else watch_list.expires_on
    return ListEntry(
        watch_list=watch_list,
        ref=row.ref,
        title=title_of(row),
        person=person_json(row.person) if row.person else None,
        numbers=[number_json(number) for number in row.numbers],
        reason=row.reason,
        author=author,
        review_on=min(expires_on, today + timedelta(days=REVIEW_DAYS)),
        expires_on=expires_on,
    )


def approve(*, officer: Officer, entry: ListEntry) -> ListEntry:
    """Put a proposed entry in force.

    Raises:
        Refusal: `approver_same`, `entry_state`.
    """
    with transaction.atomic():
        row = ListEntry.objects.select_for_update().get(pk=entry.pk)
        if row.state != ListEntry.State.PROPOSED:
            raise Refusal("entry_state")
        if row.author_id == officer.pk:
            raise Refusal("approver_same")
        row.state, row.approver, row.approved_at = ListEntry.State.IN_FORCE, officer, timezone.now()
        row.indexed = False
        row.save(update_fields=["state", "approver", "approved_at", "indexed"])
        record(
            actor=officer, action="entry_approved", subject_kind="list_entry", subject=row.pk, why="lists", rows=[row]
        )
        signals.came_into_force.send(ListEntry, entries=[row])
    return row


def redress(*, request_id: UUID, officer: Officer, entry: ListEntry, why: str, reason: str = "mistaken") -> Redress:
    """Put a mistake right in one act: the entry ends, and every hit that came from it is closed, wherever it is.
    Partners that were given it are told `reason`, a code.

    The rows are kept for the record; nothing of the entry is found any more. What it reached is told: hits,
    inspections, cases, clearances.

    Raises:
        Refusal: `note_missing`, `entry_state`.
    """
    if earlier := Redress.objects.filter(request_id=request_id).first():
        return earlier
    if not why.strip():
        raise Refusal("note_missing")
    with transaction.atomic():
        row = ListEntry.objects.select_for_update().get(pk=entry.pk)
        if row.state == ListEntry.State.ENDED:
            raise Refusal("entry_state")
        if row.came_from:
            raise Refusal("list_of_partner", partner=row.came_from)
        row.end(officer, timezone.now(), why)
        row.save(update_fields=ListEntry.END)
        reached = close_all(row, officer, why)
        ended = [row, *ListEntry.objects.filter(pk__in=reached["copies"])]
        signals.ended.send(ListEntry, entries=ended, reason=reason)
        made = Redress.objects.create(
            request_id=request_id, entry=row, officer=officer, why=why.strip(), reached=reached
        )
        record(
            actor=officer, action="entry_redressed", subject_kind="list_entry", subject=row.pk, why="redress",
            data=reached, rows=[made, *ended],
        )  # fmt: skip
        for case in reached["cases"]:  # whoever asks what happened to a case finds it under the case, too
            record(
                actor=officer, action="case_redressed", subject_kind="case", subject=case, why="redress",
                data={"redress": str(made.pk)},
            )  # fmt: skip
    return made


def close_all(entry: ListEntry, officer: Officer | None, why: str) -> dict[str, list[str]]:
    """Close every hit of an entry and end its copies: what was reached. Within the caller's transaction."""
    from fanal.station.lists.hits import expire
    from fanal.station.secondary.models import Case

    hits = list(Hit.objects.select_for_update().filter(entry=entry))
    inspections = {hit.inspection_id for hit in hits}
    for hit in hits:
        if hit.state != "expired":
            expire(hit, officer=officer, note=why)
    copies = ListEntry.objects.exclude(state=ListEntry.State.ENDED).exclude(pk=entry.pk)
    copies = copies.filter(watch_list__owner=entry.watch_list.owner, ref=entry.ref) if entry.ref else copies.none()
    copies = copies.filter(came_from="") if officer is not None else copies.none()
    ended = []
    for copy in copies.select_for_update():
        copy.end(officer, timezone.now(), why)
        copy.save(update_fields=ListEntry.END)
        ended.append(str(copy.pk))
        for hit in Hit.objects.select_for_update().filter(entry=copy).exclude(state="expired"):
            hits.append(hit)
            inspections.add(hit.inspection_id)
            expire(hit, officer=officer, note=why)
    cases = Case.objects.filter(inspection_id__in=inspections).values_list("pk", flat=True)
    return {
        "hits": sorted(str(hit.pk) for hit in hits),
        "inspections": sorted(map(str, inspections)),
        "cases": sorted(map(str, cases)),
        "copies": sorted(ended),
        "cleared": sorted(map(str, entry.cleared.values_list("pk", flat=True))),
    }


# --- imports ----------------------------------------------------------------------------------------------------------


def bring_in(*, officer: Officer, watch_list: WatchList, name: str, content: bytes, reason: str) -> ListImport:
    """Look at a file: nothing is listed yet.

    Raises:
        Refusal: `import_refused` with the reason, `import_too_large`, `note_missing`.
    """
    _require_ours(watch_list)
    if not reason.strip():
        raise Refusal("note_missing")
    if len(content) > MAX_IMPORT:
        raise Refusal("import_too_large", limit=f"{MAX_IMPORT // 2**20} MB")
    form = guess_form(name, content[:512])
    try:
        found = preview(io.BytesIO(content), form, max_rows=MAX_IMPORT_ROWS, keep=MAX_IMPORT_ROWS)
    except ScreeningError as error:
        raise Refusal("import_refused", problem=error.code) from error
    errors = [{"line": e.line, "code": e.code, "column": e.column, "value": e.value} for e in found.errors]
    wrong = 0
    for row in found.rows:
        try:
            _require_subject(watch_list, row)
        except Refusal:
            wrong += 1
            if len(errors) < 100:
                errors.append({"line": row.line, "code": "wrong_subject", "column": "", "value": ""})
    with transaction.atomic():
        made = ListImport.objects.create(
            watch_list=watch_list,
            name=name[:200],
            form=form.value,
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            rows=found.count,
            errors=found.error_count + wrong,
            first_errors=errors,
            reason=reason.strip()[:500],
            author=officer,
        )
        record(
            actor=officer, action="import_brought", subject_kind="list_import", subject=made.pk, why="lists",
            data={"sha256": made.sha256, "rows": made.rows, "errors": made.errors}, rows=[made],
        )  # fmt: skip
    return made


def take_in(*, officer: Officer, brought: ListImport) -> int:
    """Take a file in: every row, or none; how many are new. Whoever approves it is not who brought it.

    For each reference that it has, the list is then as the file says: an entry that is there already stays as it is
    (and so does "not the same person"), one that the file has otherwise ends. What the file does not name stays.

    Raises:
        Refusal: `approver_same`, `import_errors`, `import_done`.
    """
    with transaction.atomic():
        row = ListImport.objects.select_for_update().select_related("watch_list").get(pk=brought.pk)
        if row.approver_id or row.content is None:
            raise Refusal("import_done")
        if row.author_id == officer.pk:
            raise Refusal("approver_same")
        if row.errors:
            raise Refusal("import_errors", count=str(row.errors))
        now = timezone.now()
        made: list[ListEntry] = []
        there = _in_force(row.watch_list)
        named: set[str] = set()
        stay: list[ListEntry] = []
        content = bytes(row.content)
        for read in read_rows(io.BytesIO(content), guess_form(row.name, content[:512]), max_rows=MAX_IMPORT_ROWS):
            if isinstance(read, ImportError_):
                raise Refusal("import_errors", count="1")
            entry = _entry(row.watch_list, read, row.author)
            entry.reason = entry.reason or row.reason
            entry.state, entry.approver, entry.approved_at = ListEntry.State.IN_FORCE, officer, now
            entry.came_by, entry.indexed = row, False
            named.add(entry.ref)
            if entry.ref and (same := there.pop(_holds(entry), None)) is not None:
                same.reason, same.expires_on, same.review_on = entry.reason, entry.expires_on, entry.review_on
                stay.append(same)
            else:
                made.append(entry)
        replaced = [entry for entry in there.values() if entry.ref in named]
        for entry in replaced:
            entry.end(officer, now, row.reason)
        ListEntry.objects.bulk_update(stay, ["reason", "expires_on", "review_on"], batch_size=500)
        ListEntry.objects.bulk_update(replaced, ListEntry.END, batch_size=500)
        ListEntry.objects.bulk_create(made, batch_size=1000)
        if replaced:
            signals.ended.send(ListEntry, entries=replaced, reason="ended")
        row.approver, row.approved_at, row.content = officer, now, None
        row.save(update_fields=["approver", "approved_at", "content"])
        written = [entry for entry in (*stay, *replaced) if entry.came_by_id is None]  # the record holds these as rows
        record(
            actor=officer, action="import_taken", subject_kind="list_import", subject=row.pk, why="lists",
            data={"entries": len(made), "stay": len(stay), "replaced": len(replaced)}, rows=[row, *written],
        )  # fmt: skip
    return len(made)


def _in_force(watch_list: WatchList) -> dict[tuple[str, str], ListEntry]:
    """The entries in force that have a reference, by what they hold."""
    entries = watch_list.entries.filter(state=ListEntry.State.IN_FORCE).exclude(ref="").defer("photo")
    return {_holds(entry): entry for entry in entries.select_for_update().iterator(2000)}


def _holds(entry: ListEntry) -> tuple[str, str]:
    return entry.ref, json.dumps([entry.person, entry.numbers], sort_keys=True)


# --- rules and bulletins ----------------------------------------------------------------------------------------------


def write_rule(
    *, request_id: UUID, officer: Officer, kind: str, values: Mapping[str, str], inspection: Inspection | None = None
) -> Rule:
    """A new rule or bulletin, or a new version of the one of that name. It is off.

    Raises:
        Refusal: of `conditions.parse`, `list_field_missing`, `list_code_unknown`, `list_day_past`.
    """
    if earlier := Rule.objects.filter(request_id=request_id).first():
        return earlier
    _require(values, "name", "condition", "expires_on")
    if kind == Rule.Kind.BULLETIN:
        _require(values, "look_at")
    if (
        kind not in Rule.Kind.values
        or values.get("purpose", "border_control") not in codes.PURPOSES
        or (kind == Rule.Kind.BULLETIN and values.get("fraud") not in codes.FRAUDS)
    ):
        raise Refusal("list_code_unknown")
    conditions.parse(values["condition"].strip())
    today = timezone.localdate()
    expires_on = _day(values["expires_on"], "expires_on", after=today)
    name = values["name"].strip()[:100]
    try:
        with transaction.atomic():
            last = Rule.objects.filter(name=name).order_by("-version").first()
            made = Rule.objects.create(
                request_id=request_id,
                name=name,
                version=last.version + 1 if last else 1,
                kind=kind,
                condition=values["condition"].strip(),
                purpose=values.get("purpose", "border_control"),
                look_at=values.get("look_at", "").strip()[:2000],
                fraud=values.get("fraud", "") if kind == Rule.Kind.BULLETIN else "",
                inspection=inspection,
                author=officer,
                review_on=min(expires_on, today + timedelta(days=REVIEW_DAYS)),
                expires_on=expires_on,
            )
            record(actor=officer, action="rule_written", subject_kind="rule", subject=made.pk, why="lists", rows=[made])
    except IntegrityError:
        raise Refusal("rule_meanwhile") from None
    return made


def try_rule(*, officer: Officer, rule: Rule, days: int) -> Rule:
    """The dry run: how many of the travellers of the last days it would have stopped. Training does not count."""
    days = max(1, min(days, 366))
    since = timezone.localdate() - timedelta(days=days)
    travellers = stopped = 0
    for inspection in (
        Inspection.objects.filter(on__gte=since, training=False).select_related("lane__point").iterator(500)
    ):
        travellers += 1
        stopped += conditions.meets(rule.condition, conditions.facts_of(inspection))
    with transaction.atomic():
        row = Rule.objects.select_for_update().get(pk=rule.pk)
        row.tried = {
            "days": days,
            "travellers": travellers,
            "stopped": stopped,
            "per_thousand": round(1000 * stopped / travellers, 2) if travellers else None,
            "by": str(officer.pk),
            "at": timezone.now().isoformat(timespec="seconds"),
        }
        row.save(update_fields=["tried"])
        record(
            actor=officer, action="rule_tried", subject_kind="rule", subject=row.pk, why="lists",
            data={k: row.tried[k] for k in ("days", "travellers", "stopped")}, rows=[row],
        )  # fmt: skip
    return row


def switch_on(*, officer: Officer, rule: Rule) -> Rule:
    """Switch a tried version on; the version that was on ends.

    Raises:
        Refusal: `approver_same`, `rule_untried`, `rule_state`.
    """
    with transaction.atomic():
        row = Rule.objects.select_for_update().get(pk=rule.pk)
        if row.state != Rule.State.OFF or row.expires_on <= timezone.localdate():
            raise Refusal("rule_state")
        if row.author_id == officer.pk:
            raise Refusal("approver_same")
        if not row.tried:
            raise Refusal("rule_untried")
        before = list(Rule.objects.filter(name=row.name, state=Rule.State.ON))
        for one in before:
            one.state = Rule.State.ENDED
            one.save(update_fields=["state"])
        row.state, row.approver, row.approved_at = Rule.State.ON, officer, timezone.now()
        row.save(update_fields=["state", "approver", "approved_at"])
        record(
            actor=officer, action="rule_switched_on", subject_kind="rule", subject=row.pk, why="lists",
            data={"tried": {k: row.tried[k] for k in ("days", "travellers", "stopped")}}, rows=[row, *before],
        )  # fmt: skip
    return row


def switch_off(*, officer: Officer, rule: Rule) -> Rule:
    """Switch a rule off for good: to have it again, a new version is written and tried.

    Raises:
        Refusal: `rule_state`.
    """
    with transaction.atomic():
        row = Rule.objects.select_for_update().get(pk=rule.pk)
        if row.state == Rule.State.ENDED:
            raise Refusal("rule_state")
        row.state = Rule.State.ENDED
        row.save(update_fields=["state"])
        record(actor=officer, action="rule_switched_off", subject_kind="rule", subject=row.pk, why="lists", rows=[row])
    return row


def facts_shown(entry: ListEntry) -> list[tuple[str, str]]:
    """An entry's values with the keys of their labels, for a page."""
    person: dict[str, Any] = entry.person or {}
    rows = [
        ("names", "; ".join(person.get("names", ()))),
        ("born", ", ".join(person.get("born", ()))),
        ("sex", person.get("sex", "")),
        ("nationality", ", ".join(person.get("nationalities", ()))),
        ("place", person.get("place", "")),
        ("numbers", "; ".join(_number(n) for n in entry.numbers)),
        ("ref", entry.ref),
        ("reason", entry.reason),
        ("evidence", entry.evidence),
    ]
    return [(key, value) for key, value in rows if value]


def _number(number: dict[str, str]) -> str:
    whole = f"{number['number']}-{number['last']}" if number["last"] else number["number"]
    return " ".join(filter(None, (number["state"], whole, number["status"])))


def first_rows(brought: ListImport, count: int) -> list[tuple[int, str]]:
    """The first entries of a file that waits, with their lines."""
    if brought.content is None:
        return []
    content = bytes(brought.content)
    found: list[tuple[int, str]] = []
    for row in read_rows(io.BytesIO(content), guess_form(brought.name, content[:512]), max_rows=MAX_IMPORT_ROWS):
        if isinstance(row, Row):
            found.append((row.line, title_of(row)))
        if len(found) == count:
            break
    return found
