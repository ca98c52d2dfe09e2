"""The pages of sharing: what was agreed, what left, what came, what waits, and whom somebody waits for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from fanal.documents.states import find_state
from fanal.exchange import ExchangeError, Handling, Purpose
from fanal.exchange.messages import LostDocument
from fanal.station import texts
from fanal.station.accounts.permissions import Action, allow
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.services import record
from fanal.station.requests import lang_of, officer_of, request_id
from fanal.station.sharing import codes, queries, services

CONFIRM_WITHIN = timedelta(minutes=15)
_STATUSES = ("lost", "stolen", "revoked", "invalidated", "stolen_blank")


@allow(Action.SHARE)
@require_GET
def sharing(request: HttpRequest) -> HttpResponse:
    """How the exchange stands, from this place's own register: it opens with the cable pulled."""
    return _page(request)


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    now = datetime.now(UTC)
    context = queries.overview(now)
    record(
        actor=officer_of(request),
        action="sharing_read",
        subject_kind="page",
        subject="sharing",
        why="oversight",
        data={"data": [str(one.pk) for one in context["ours"]]},
    )
    context |= {
        "refusal": refusal,
        "now": now,
        "request_id": uuid.uuid4(),
        "statuses": _STATUSES,
        "withdrawn": codes.WITHDRAWN,
        "declined": codes.DECLINED,
        "confirmation_reasons": codes.CONFIRMATION_REASONS,
        "today": now.date().isoformat(),
    }
    return render(request, "sharing.html", context, status=422 if refusal else 200)


def _do(request: HttpRequest, use_case: Callable[[datetime], object]) -> HttpResponse:
    """Run a use case and come back; what it refuses is said on the page, in the officer's words."""
    try:
        use_case(datetime.now(UTC))
    except Refusal as refusal:
        return _page(request, refusal)
    except ExchangeError as error:
        return _page(request, Refusal("sharing", reason=_words(error, lang_of(request)), clause=error.clause or "–"))
    return redirect("sharing")


def _words(error: ExchangeError, lang: str) -> str:
    key = f"sharing.problem.{error.code}"
    return texts.text(key if key in texts.messages() else "sharing.problem.other", lang)


@allow(Action.SHARE)
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Report a document of ours as lost, stolen, revoked or invalid to every partner whom an agreement gives it."""

    def use_case(now: datetime) -> None:
        try:
            datum = LostDocument(
                issuing_state=_state(request.POST.get("issuing_state", "")),
                number="".join(request.POST.get("number", "").upper().split()),
                last="".join(request.POST.get("last", "").upper().split()) or None,
                status=request.POST.get("status", ""),  # type: ignore[arg-type]
                reported=date.fromisoformat(request.POST.get("reported", "")),
            )
        except (ValidationError, ValueError):
            raise Refusal("shared_document") from None
        services.share(
            datum,
            purpose=Purpose.BORDER_CHECK,
            at=now,
            expires=now + timedelta(days=365 * 10),
            actor=officer_of(request),
            request_id=request_id(request),
            handling=(Handling.NO_THIRD_PARTY, Handling.CONFIRM_FIRST),
        )

    return _do(request, use_case)


def _state(text: str) -> str:
    found = find_state(text.strip().upper())
    if found is None:
        raise ValueError(text)
    return text.strip().upper()


@allow(Action.SHARE)
@require_POST
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a datum of ours back from everyone who received it."""
    reason = _one_of(request, "reason", codes.WITHDRAWN)
    return _do(request, lambda now: services.withdraw(pk, reason=reason(), at=now, actor=officer_of(request)))


@allow(Action.SHARE)
@require_POST
def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Our word on a partner's hit on a datum of ours."""
    reason = _one_of(request, "reason", codes.CONFIRMATION_REASONS)
    confirmed = request.POST.get("answer") == "confirmed"
    return _do(
        request,
        lambda now: services.answer_confirmation(
            pk, confirmed=confirmed, reason=reason(), at=now, actor=officer_of(request)
        ),
    )


@allow(Action.SHARE)
@require_POST
def give(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a partner the data that it asked for after a hit, or decline."""
    declined = request.POST.get("declined", "")
    reason = _one_of(request, "declined", codes.DECLINED)
    return _do(
        request,
        lambda now: services.give_data(pk, declined=reason() if declined else "", at=now, actor=officer_of(request)),
    )


@allow(Action.DECIDE)
@require_POST
def ask_owner(request: HttpRequest, inspection: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """A traveller stands here with a document that a partner has reported: ask the owner before anyone acts."""
    if not Inspection.objects.filter(pk=inspection).exists():
        raise Http404
    try:
        services.ask_to_confirm(
            pk, within=CONFIRM_WITHIN, compared=("document_number",), at=datetime.now(UTC), actor=officer_of(request)
        )
    except ExchangeError as error:
        words = Refusal("sharing", reason=_words(error, lang_of(request)), clause=error.clause or "–")
        return render(request, "refused_share.html", {"refusal": words, "inspection": inspection}, status=422)
    return redirect("inspection", inspection)


def _one_of(request: HttpRequest, name: str, allowed: tuple[str, ...]) -> Callable[[], str]:
    def value() -> str:
        if (given := request.POST.get(name, "")) not in allowed:
            raise Refusal("sharing_reason")
        return given

    return value
