"""The pages of sharing: what was agreed, what left, what came, what waits, and whom somebody waits for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from fanal.exchange import ExchangeError
from fanal.station import texts
from fanal.station.accounts.permissions import Action, allow
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.services import record
from fanal.station.lists.models import ListEntry, Rule
from fanal.station.lists.services import redress
from fanal.station.requests import lang_of, officer_of
from fanal.station.sharing import codes, given, queries, services

CONFIRM_WITHIN = timedelta(minutes=15)


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
        data={"data": [str(one.pk) for one in (*context["ours"], *context.get("alone", ()))]},
    )
    context |= {
        "refusal": refusal,
        "now": now,
        "withdrawn": codes.WITHDRAWN,
        "declined": codes.DECLINED,
        "confirmation_reasons": codes.CONFIRMATION_REASONS,
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
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a datum of ours back from everyone who received it; an entry of a list ends with it."""
    reason = _one_of(request, "reason", codes.WITHDRAWN)

    def use_case(now: datetime) -> None:
        code = reason()
        if (entry := ListEntry.objects.filter(pk=pk, state=ListEntry.State.IN_FORCE).first()) is not None:
            why = texts.text(f"sharing.withdrawal.{code}", lang_of(request))
            redress(request_id=uuid.uuid4(), officer=officer_of(request), entry=entry, why=why, reason=code)
        else:
            services.withdraw(pk, reason=code, at=now, actor=officer_of(request))

    return _do(request, use_case)


@allow(Action.LISTS)
@require_POST
def bulletin(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a bulletin that is on here to partners: when one desk learns, every desk knows."""
    try:
        given.share_bulletin(get_object_or_404(Rule, pk=pk), officer_of(request))
    except ExchangeError as error:
        return _page(request, Refusal("sharing", reason=_words(error, lang_of(request)), clause=error.clause or "–"))
    return redirect("rule", pk)


@allow(Action.TRUST)
@require_GET
def trust(request: HttpRequest) -> HttpResponse:
    """Certificates and lists that partners gave: the trust keeper looks at where they come from and imports them."""
    return render(request, "sharing_trust.html", {"rows": queries.trust_updates()})


@allow(Action.TRUST)
@require_POST
def import_trust(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Import a partner's trust update as a file would be: lists and CRLs are verified, and what is refused is said."""
    try:
        reports = services.import_trust(pk, at=datetime.now(UTC), actor=officer_of(request))
    except ExchangeError:
        raise Http404 from None  # withdrawn meanwhile
    return render(request, "sharing_trust.html", {"rows": queries.trust_updates(), "reports": reports})


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
