"""What the API answers where it cannot do as asked: a status, a stable code, words for a person."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from fanal.station.errors import Refusal
from fanal.station.logs import where

# Code -> words. Machines go by the code; people who look at a log go by the words, which are in English.
WORDS = {
    "not_authenticated": "A token is missing, unknown, revoked or expired.",
    "scope_missing": "This token may not do that.",
    "too_many_requests": "Too many requests; ask again after the seconds in Retry-After.",
    "not_found": "There is nothing here by this id, or nothing that this token may see.",
    "method_not_allowed": "This address takes other methods; Allow names them.",
    "not_json": "The body is not JSON.",
    "invalid": "A value is missing or not what its place takes; `errors` says where.",
    "too_large": "The body is over the limit of this address.",
    "media_type": "This address takes another content type.",
    "request_id_taken": "Another machine or desk used this request_id.",
    "lane_missing": "The token has no lane: name one.",
    "lane_unknown": "There is no open lane by this id.",
    "follows_unknown": "There is no inspection by this id at this lane in the last quarter of an hour.",
    "evidence": "The evidence cannot be taken in or read; the code says why.",
    "evidence_missing": "No evidence was delivered.",
    "internal": "The station failed; its log says where. Asking again with the same request_id is safe.",
}


class Problem(Exception):  # noqa: N818 - what is answered, not a fault of the software
    """An answer other than the one that was asked for."""

    def __init__(self, status: int, code: str, *, headers: Mapping[str, str] | None = None, **values: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.values = values


def body(code: str, *, errors: list[dict[str, Any]] | None = None, **values: str) -> dict[str, Any]:
    words = WORDS.get(code) or WORDS.get(code.partition(".")[0], "")
    return {"code": code, "message": words, "values": values, "errors": errors or []}


def install(api: NinjaAPI) -> None:
    """Answer every failure in the one form."""

    def answer(request: HttpRequest, status: int, code: str, **more: Any) -> HttpResponse:
        return api.create_response(request, body(code, **more), status=status)

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
        response = answer(request, error.status, error.code, **error.values)
        for name, value in error.headers.items():
            response[name] = value
        return response

    @api.exception_handler(AuthenticationError)
    def _authentication(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        response = answer(request, 401, "not_authenticated")
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(Refusal)
    def _refusal(request: HttpRequest, error: Refusal) -> HttpResponse:
        code = f"evidence.{error.values['intake']}" if error.code == "evidence" else error.code
        return answer(request, 422, code, **{k: v for k, v in error.values.items() if k not in ("intake", "seen")})

    @api.exception_handler(ValidationError)
    def _validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
        # Where and what kind only: what was sent may be about a person, and answers end up in logs.
        errors = [{"where": ".".join(map(str, e["loc"])), "kind": str(e["type"])} for e in error.errors[:20]]
        return answer(request, 422, "invalid", errors=errors)

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = {400: "not_json", 404: "not_found", 413: "too_large", 415: "media_type"}.get(
            error.status_code, "invalid"
        )
        return answer(request, error.status_code, code)

    @api.exception_handler(Http404)
    def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(request, 404, "not_found")

    @api.exception_handler(RequestDataTooBig)
    @api.exception_handler(TooManyFilesSent)
    def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
        return answer(request, 413, "too_large")

    @api.exception_handler(Exception)
    def _internal(request: HttpRequest, error: Exception) -> HttpResponse:
        logging.getLogger("fanal.api").error("an answer failed: %s", where(error))
        return answer(request, 500, "internal")
