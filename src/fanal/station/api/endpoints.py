"""The HTTP API: evidence in, inspections out, crossings, the record's head, health. `docs/api.md` is its page.

A machine authenticates with a token (`Authorization: Bearer fanal_…`) whose scopes are actions of the permissions
table. It never decides. Every reading of what is about a person is on the record, with the token's purpose.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import wraps
from typing import Annotated, Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import re_path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from ninja import Field, File, Form, NinjaAPI, Schema, Status, UploadedFile
from ninja.errors import AuthenticationError
from ninja.responses import codes_4xx
from ninja.security import HttpBearer
from pydantic import ConfigDict

from fanal import __version__
from fanal.inspection import LANGUAGES, Catalogue, finding_of, label
from fanal.inspection.intake import MAX_BYTES, MAX_TOTAL_BYTES
from fanal.station.accounts.permissions import Action, public
from fanal.station.api import problems, services
from fanal.station.api.models import Token
from fanal.station.api.problems import Problem
from fanal.station.crossings.models import Crossing
from fanal.station.inspections import queries
from fanal.station.inspections.models import Inspection
from fanal.station.inspections.services import Delivery, checks, inspect_evidence
from fanal.station.journal.models import Entry, SignedHead
from fanal.station.journal.services import record
from fanal.station.places.models import Lane
from fanal.station.privacy.queries import restricted

UNAUTHENTICATED_PER_MINUTE = 30  # of one address
MAX_PAGE = 100


class Scope(HttpBearer):
    """A good token that holds the scope, and has not asked too often."""

    openapi_scheme = "bearer"

    def __init__(self, action: Action) -> None:
        super().__init__()
        self.action = action

    def __call__(self, request: HttpRequest) -> Any:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_TOTAL_BYTES:
            raise Problem(413, "too_large", limit=str(MAX_TOTAL_BYTES))
        found = super().__call__(request)
        return found if found else self._refuse(request)

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        now = timezone.now()
        found = services.find(token, now=now)
        if found is None:
            return None
        if wait := services.spend(f"token:{found.pk}", found.per_minute, now=now):
            raise Problem(429, "too_many_requests", headers={"Retry-After": str(wait)})
        if self.action not in found.scopes:
            raise Problem(403, "scope_missing", scope=self.action)
        return found

    def _refuse(self, request: HttpRequest) -> Token:
        address = request.META.get("REMOTE_ADDR", "")[:60]
        if wait := services.spend(f"address:{address}", UNAUTHENTICATED_PER_MINUTE, now=timezone.now()):
            raise Problem(429, "too_many_requests", headers={"Retry-After": str(wait)})
        raise AuthenticationError


class Strict(Schema):
    """What comes in: a name that is not known is a mistake, and is said."""

    model_config = ConfigDict(extra="forbid")


class Failure(Schema):
    code: str = Field(description="stable; machines go by it")
    message: str
    values: dict[str, str]
    errors: list[dict[str, str]]


class Health(Schema):
    status: str
    version: str


class InspectionIn(Strict):
    request_id: UUID = Field(description="made by the caller; the same id twice is one inspection")
    lane: UUID | None = Field(None, description="where; left out, the token's own lane")
    evidence: dict[str, Any] = Field(description="docs/schemas/evidence-1.json")


class InspectionOut(Schema):
    id: UUID
    request_id: UUID
    at: datetime
    on: date
    lane: UUID | None
    advice: str
    inspection: dict[str, Any] | None = Field(description="docs/schemas/inspection-1.json; null once erased")


class ChipOut(Schema):
    inspection: UUID | None = Field(description="null: no chip is to be read just now")
    mrz: list[str] = Field(description="the lines that open its chip; empty where there is none")


class PersonOut(Schema):
    id: UUID
    primary_identifier: str
    secondary_identifier: str
    date_of_birth: str
    sex: str
    nationality: str


class DocumentOut(Schema):
    id: UUID
    issuing_state: str
    kind: str
    number: str
    date_of_expiry: str


class CrossingOut(Schema):
    id: UUID
    at: datetime
    point: str
    lane: str | None
    direction: str
    outcome: str
    reasons: list[str]
    purpose: str
    means: str
    conveyance: str
    permitted_until: date | None
    closes: UUID | None
    corrects: UUID | None
    restricted: bool = Field(description="the person's data may not be used: person and document are left out")
    person: PersonOut | None
    document: DocumentOut | None


class CrossingPage(Schema):
    items: list[CrossingOut]
    after: int = Field(description="give it back to go on from here; the same as given, where nothing is new yet")


class HeadOut(Schema):
    size: int
    at: datetime
    note: str = Field(description="C2SP signed note of a tlog-checkpoint")


api = NinjaAPI(
    title="Fanal",
    version=__version__,
    description=__doc__ or "",
    docs_url=None,  # its page would load scripts from elsewhere
    urls_namespace="api",
)
problems.install(api)
FAILURES = {codes_4xx: Failure, 500: Failure, 503: Failure}


@api.get("/health", auth=None, response={200: Health, 503: Failure}, operation_id="health", tags=["station"])
def health(request: HttpRequest) -> Any:
    """That the station answers and its database does."""
    try:
        SignedHead.objects.exists()
    except DatabaseError:
        return Status(503, problems.body("internal"))
    return {"status": "ok", "version": __version__}


@api.post(
    "/inspections",
    auth=Scope(Action.INSPECT),
    response={200: InspectionOut, 201: InspectionOut, **FAILURES},
    operation_id="inspect",
    tags=["inspections"],
)
def inspect(request: HttpRequest, data: InspectionIn, lang: str = "en") -> Any:
    """Inspect one document from a JSON evidence file. For pictures of more than a few megabytes use `files`."""
    content = json.dumps(data.evidence, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _inspect(request, data.request_id, data.lane, [Delivery(content, "evidence.json")], lang)


@api.post(
    "/inspections/files",
    auth=Scope(Action.INSPECT),
    response={200: InspectionOut, 201: InspectionOut, **FAILURES},
    operation_id="inspect_files",
    tags=["inspections"],
)
def inspect_files(
    request: HttpRequest,
    request_id: Form[UUID],
    files: File[list[UploadedFile]],
    lane: Form[UUID | None] = None,
    follows: Form[UUID | None] = None,
    lang: str = "en",
) -> Any:
    """Inspect one document from files: pictures, MRZ lines, files of a chip by their names, seals.

    `follows` is an inspection at the same lane, of the last quarter of an hour, that these are more evidence of.
    """
    deliveries = []
    for file in files:
        if (file.size or 0) > MAX_BYTES:
            raise Problem(413, "too_large", limit=str(MAX_BYTES))
        deliveries.append(Delivery(file.read(), file.name or ""))
    return _inspect(request, request_id, lane, deliveries, lang, follows)


@api.get(
    "/chip",
    auth=Scope(Action.INSPECT),
    response={200: ChipOut, **FAILURES},
    operation_id="chip_wanted",
    tags=["inspections"],
)
def chip_wanted(request: HttpRequest) -> Any:
    """For the chip reader of a desk: the document at the token's lane whose chip is still to be read, and its MRZ."""
    token = _token(request)
    if token.lane is None:
        raise Problem(422, "lane_missing")
    if (wanted := queries.chip_wanted(token.lane)) is None:
        return {"inspection": None, "mrz": []}
    row, lines = wanted
    record(actor=token, action="chip_asked", subject_kind="inspection", subject=row.pk, why=token.purpose)
    return {"inspection": row.pk, "mrz": lines}


@api.get(
    "/inspections/{inspection_id}",
    auth=Scope(Action.INSPECT),
    response={200: InspectionOut, **FAILURES},
    operation_id="inspection",
    tags=["inspections"],
)
def inspection(request: HttpRequest, inspection_id: UUID, lang: str = "en") -> Any:
    """An inspection that this token delivered the evidence of."""
    _language(lang)
    token = _token(request)
    row = Inspection.objects.filter(pk=inspection_id, machine=str(token.pk)).first()
    if row is None:
        raise Problem(404, "not_found")
    record(actor=token, action="inspection_read", subject_kind="inspection", subject=row.pk, why=token.purpose)
    return _inspection(row, lang)


@api.get(
    "/crossings",
    auth=Scope(Action.HISTORY),
    response={200: CrossingPage, **FAILURES},
    operation_id="crossings",
    tags=["crossings"],
)
def crossings(
    request: HttpRequest,
    after: Annotated[int, Field(ge=-1, le=2**53, description="where the last page ended; -1 is the beginning")] = -1,
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50,
) -> Any:
    """Crossings in the order in which they were put on the record: none is missed, none comes twice."""
    token = _token(request)
    entries = list(
        Entry.objects.filter(
            Q(action__startswith="crossing_") | Q(action="exit_recorded_later"), subject_kind="person", index__gt=after
        )
        .exclude(action="crossing_read")
        .order_by("index")[:limit]
    )
    named = [str(json.loads(entry.body)["data"].get("crossing", "")) for entry in entries]
    rows = {str(row.pk): row for row in _crossings().filter(pk__in=[n for n in named if n])}
    found = [rows[name] for name in named if name in rows]
    items = _read(token, found)
    return {"items": items, "after": entries[-1].index if entries else after}


@api.get(
    "/crossings/{crossing_id}",
    auth=Scope(Action.HISTORY),
    response={200: CrossingOut, **FAILURES},
    operation_id="crossing",
    tags=["crossings"],
)
def crossing(request: HttpRequest, crossing_id: UUID) -> Any:
    """One crossing."""
    row = _crossings().filter(pk=crossing_id).first()
    if row is None:
        raise Problem(404, "not_found")
    return _read(_token(request), [row])[0]


@api.get(
    "/ledger/head",
    auth=Scope(Action.LEDGER),
    response={200: HeadOut, **FAILURES},
    operation_id="ledger_head",
    tags=["station"],
)
def ledger_head(request: HttpRequest) -> Any:
    """The newest signed head of the record, for a witness or a partner to keep."""
    head = SignedHead.objects.order_by("-size").first()
    if head is None:
        raise Problem(404, "not_found")
    return {"size": head.size, "at": head.at, "note": head.note}


def _token(request: HttpRequest) -> Token:
    token: Token = request.auth  # type: ignore[attr-defined]
    return token


def _language(lang: str) -> None:
    if lang not in LANGUAGES:
        raise Problem(422, "invalid", lang=", ".join(LANGUAGES))


def _inspect(
    request: HttpRequest,
    request_id: UUID,
    lane: UUID | None,
    deliveries: list[Delivery],
    lang: str,
    follows: UUID | None = None,
) -> Any:
    _language(lang)
    token = _token(request)
    at = token.lane if lane is None else Lane.objects.filter(pk=lane, is_open=True).first()
    if at is None:
        raise Problem(422, "lane_missing" if lane is None else "lane_unknown")
    earlier = Inspection.objects.filter(request_id=request_id).first()
    before = None
    if follows is not None and earlier is None:
        since = timezone.now() - queries.WAITING
        before = Inspection.objects.filter(pk=follows, lane=at, at__gte=since).first()
        if before is None:
            raise Problem(422, "follows_unknown")
    row = earlier or inspect_evidence(
        request_id=request_id,
        deliveries=deliveries,
        machine=str(token.pk),
        lane=at,
        training=before.training if before else False,
        follows=before,
    )
    if row.machine != str(token.pk):
        raise Problem(409, "request_id_taken")
    return Status(200 if earlier else 201, _inspection(row, lang))


def _inspection(row: Inspection, lang: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "request_id": row.request_id,
        "at": row.at,
        "on": row.on,
        "lane": row.lane_id,
        "advice": row.advice,
        "inspection": in_language(row.report, lang, checks()) if row.report else None,
    }


def in_language(report: dict[str, Any], lang: str, catalogue: Catalogue) -> dict[str, Any]:
    """The report with its texts in `lang`: it keeps the compared values, so they are made again."""
    if report.get("lang") == lang:
        return report
    findings = []
    for data in report["findings"]:
        texts = catalogue.render(finding_of(data), lang)
        findings.append(data | {"title": texts.title, "text": texts.text, "what_to_do": texts.what_to_do})
    advice = report["advice"]
    words = {"advice_text": label("advice", advice, lang), "advice_next": label("advice_next", advice, lang)}
    return report | words | {"lang": lang, "findings": findings}


def _crossings() -> Any:
    return Crossing.objects.select_related("person", "document", "point", "lane")


def _read(token: Token, rows: list[Crossing]) -> list[dict[str, Any]]:
    """The crossings as they go out, each person's on the record."""
    hidden = set(restricted())
    with transaction.atomic():
        for person in dict.fromkeys(row.person_id for row in rows):
            mine = [str(row.pk) for row in rows if row.person_id == person]
            record(
                actor=token,
                action="crossings_read",
                subject_kind="person",
                subject=person,
                why=token.purpose,
                data={"crossings": mine, "restricted": person in hidden},
            )
    return [_crossing(row, row.person_id in hidden) for row in rows]


def _crossing(row: Crossing, hidden: bool) -> dict[str, Any]:
    person, document = row.person, row.document
    traits = ("id", "primary_identifier", "secondary_identifier", "date_of_birth", "sex", "nationality")
    written = ("id", "issuing_state", "kind", "number", "date_of_expiry")
    return {
        "id": row.pk,
        "at": row.at,
        "point": row.point.code,
        "lane": row.lane.name if row.lane else None,
        "direction": row.direction,
        "outcome": row.outcome,
        "reasons": [] if hidden else row.reasons,
        "purpose": row.purpose,
        "means": row.means,
        "conveyance": "" if hidden else row.conveyance,
        "permitted_until": row.permitted_until,
        "closes": row.closes_id,
        "corrects": row.corrects_id,
        "restricted": hidden,
        "person": None if hidden else {name: getattr(person, name) for name in traits},
        "document": None if hidden else {name: getattr(document, name) for name in written},
    }


def urls() -> Any:
    """The routes. To the officers' permissions they are public: the token's scopes stand before them."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        pattern.callback = public(_in_one_form(pattern.callback))
    return [*patterns, re_path(r"^.*$", public(_missing))], app, namespace


def _in_one_form(view: Any) -> Any:
    """The view, whose refusal of a method has a body as every other refusal has."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = view(request, *args, **kwargs)
        if response.status_code == 405:
            told = api.create_response(request, problems.body("method_not_allowed"), status=405)
            told["Allow"] = response["Allow"]
            return told
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


@csrf_exempt
def _missing(request: HttpRequest) -> HttpResponseBase:
    return api.create_response(request, problems.body("not_found"), status=404)
