"""The API as a machine meets it: tokens, scopes, limits, evidence in, inspections and crossings out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fanal.ledger import Checkpoint, Signer, open_note
from fanal.specimens.chip import make_chip
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action, Role
from fanal.station.api import services
from fanal.station.api.endpoints import UNAUTHENTICATED_PER_MINUTE, api
from fanal.station.api.models import SCOPES, Token
from fanal.station.api.problems import WORDS
from fanal.station.crossings.models import Crossing
from fanal.station.crossings.services import decide
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.models import Entry
from fanal.station.journal.services import sign_head, verify
from fanal.station.places.models import Lane
from fanal.station.privacy.services import restrict
from tests.station.travellers import inspection

pytestmark = pytest.mark.django_db
SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"
MRZ = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"  # 9303-4, app. B


class Machine:
    """A machine with its token."""

    def __init__(self, secret: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def ask(self, path: str, **query: int) -> Any:
        return self.client.get(f"/api{path}", query)

    def send(self, path: str, data: object) -> Any:
        return self.client.post(f"/api{path}", json.dumps(data), content_type="application/json")


@pytest.fixture
def admin(officer: Callable[..., Officer]) -> Officer:
    return officer(Role.ADMINISTRATOR)


@pytest.fixture
def machine(admin: Officer, entry_lane: Lane) -> Callable[..., Machine]:
    def make(*scopes: Action, **how: Any) -> Machine:
        return Machine(issue(admin, *scopes, **{"lane": entry_lane, **how})[1])

    return make


def issue(admin: Officer, *scopes: Action, **how: Any) -> tuple[Token, str]:
    fields: dict[str, Any] = {"name": "reader", "purpose": "border_control", "days": 30} | how
    return services.issue(
        request_id=uuid.uuid4(), officer=admin, scopes=[scope.value for scope in scopes or SCOPES], **fields
    )


def evidence(text: str = MRZ) -> dict[str, Any]:
    return {"schema": "fanal.evidence/1", "evidence": [{"kind": "mrz_text", "text": text}]}


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_is_kept_as_a_digest_and_its_making_is_on_the_record(admin: Officer) -> None:
    token, secret = issue(admin)
    assert secret.startswith("fanal_")
    row = Token.objects.filter(pk=token.pk).values().get()
    assert secret not in json.dumps(row, default=str)
    assert secret.startswith(row["hint"])
    assert Entry.objects.get(action="token_issued").subject == str(token.pk)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "token_name_missing"),
        ({"scopes": ["decide"]}, "token_scopes"),
        ({"scopes": []}, "token_scopes"),
        ({"purpose": "curiosity"}, "purpose_unknown"),
        ({"days": 0}, "token_days"),
        ({"days": 401}, "token_days"),
        ({"per_minute": 0}, "token_rate"),
    ],
)
def test_a_token_without_bounds_is_not_made(admin: Officer, change: dict[str, Any], code: str) -> None:
    fields: dict[str, Any] = {"name": "gate", "scopes": ["inspect"], "purpose": "border_control", "days": 1}
    with pytest.raises(Refusal) as caught:
        services.issue(request_id=uuid.uuid4(), officer=admin, **fields | change)
    assert caught.value.code == code
    assert not Token.objects.exists()


def test_a_machine_never_decides() -> None:
    assert Action.DECIDE not in SCOPES
    assert Action.CASE_OUTCOME not in SCOPES
    assert Action.COUNTERSIGN not in SCOPES


def test_no_token_an_unknown_one_an_ended_one_and_a_revoked_one_open_nothing(admin: Officer) -> None:
    token, secret = issue(admin)
    assert Machine(secret).ask("/crossings").status_code == 200
    services.revoke(officer=admin, token=token.pk)
    late, expired = issue(admin)
    Token.objects.filter(pk=late.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1)
    )
    for wrong in (secret, expired, "fanal_unknown", "", "x" * 500):
        response = Machine(wrong).ask("/crossings")
        assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
        assert response["WWW-Authenticate"] == "Bearer"
    assert Client().get("/api/crossings").status_code == 401


def test_an_officers_session_is_no_token(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    assert signed_in(officer(Role.SUPERVISOR)).get("/api/crossings").status_code == 401


ROUTES: list[tuple[str, str, Action]] = [
    ("post", "/inspections", Action.INSPECT),
    ("post", "/inspections/files", Action.INSPECT),
    ("get", f"/inspections/{uuid.UUID(int=0)}", Action.INSPECT),
    ("get", "/chip", Action.INSPECT),
    ("get", "/crossings", Action.HISTORY),
    ("get", f"/crossings/{uuid.UUID(int=0)}", Action.HISTORY),
    ("get", "/ledger/head", Action.LEDGER),
]


def test_the_walk_below_covers_every_operation_but_health() -> None:
    described = {(method, path) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods}
    walked = {("get", "/api/health")}
    for method, path, _ in ROUTES:
        name = {"inspections": "{inspection_id}", "crossings": "{crossing_id}"}.get(path.split("/")[1], "")
        walked.add((method, "/api" + path.replace(str(uuid.UUID(int=0)), name)))
    assert described == walked


@pytest.mark.parametrize(("method", "path", "needed"), ROUTES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_what_it_says_and_nothing_else(
    machine: Callable[..., Machine], scope: Action, method: str, path: str, needed: Action
) -> None:
    one = machine(scope)
    response = one.ask(path) if method == "get" else one.send(path, {})
    assert (response.status_code != 403) == (scope == needed)
    if response.status_code == 403:
        assert response.json() == {
            "code": "scope_missing",
            "message": WORDS["scope_missing"],
            "values": {"scope": needed},
            "errors": [],
        }


def test_who_asks_too_often_waits(machine: Callable[..., Machine]) -> None:
    one = machine(per_minute=2)
    codes = [one.ask("/crossings").status_code for _ in range(5)]
    # The minute may turn once while we ask.
    assert 429 in codes
    assert codes[:2] == [200, 200]
    refused = one.ask("/crossings")
    if refused.status_code == 429:
        assert 1 <= int(refused["Retry-After"]) <= 60


def test_guessing_at_tokens_is_slowed_by_address() -> None:
    wrong = Machine("fanal_wrong")
    assert 429 in [wrong.ask("/crossings").status_code for _ in range(2 * UNAUTHENTICATED_PER_MINUTE + 1)]


# --- inspections ------------------------------------------------------------------------------------------------------


def test_evidence_in_and_an_inspection_out_once_for_one_request(machine: Callable[..., Machine]) -> None:
    one = machine(Action.INSPECT)
    asked = {"request_id": str(uuid.uuid4()), "evidence": evidence()}
    first = one.send("/inspections", asked)
    assert first.status_code == 201, first.content
    body = first.json()
    assert body["advice"] in ("no_objection", "look_again", "refer")
    jsonschema.validate(body["inspection"], json.loads((SCHEMAS / "inspection-1.json").read_text()))
    again = one.send("/inspections", asked)
    assert (again.status_code, again.json()["id"]) == (200, body["id"])
    row = Inspection.objects.get()
    assert row.officer is None
    assert list(verify()) == []
    Inspection.objects.update(advice="no_objection" if row.advice != "no_objection" else "refer")
    assert [problem.code for problem in verify()] == ["row_changed"]
    Inspection.objects.update(advice=row.advice)
    assert Entry.objects.get(action="inspected").actor == row.machine
    read = one.ask(f"/inspections/{body['id']}")
    assert read.json() == again.json()
    assert Entry.objects.filter(action="inspection_read", subject=body["id"]).count() == 1


@pytest.mark.parametrize("lang", ["en", "es", "fr", "ht"])
def test_the_texts_come_in_the_language_that_is_asked_for(machine: Callable[..., Machine], lang: str) -> None:
    one = machine(Action.INSPECT)
    asked = {"request_id": str(uuid.uuid4()), "evidence": evidence()}
    told = one.client.post(f"/api/inspections?lang={lang}", json.dumps(asked), content_type="application/json")
    report = told.json()["inspection"]
    assert report["lang"] == lang
    jsonschema.validate(report, json.loads((SCHEMAS / "inspection-1.json").read_text()))
    words = {"en": "look", "es": "mir", "fr": "regard", "ht": "gade"}
    if report["advice"] == "look_again":
        assert words[lang] in (report["advice_text"] + report["advice_next"]).lower()


def test_files_come_as_multipart(machine: Callable[..., Machine]) -> None:
    one = machine(Action.INSPECT)
    file = SimpleUploadedFile("mrz.txt", MRZ.encode(), content_type="text/plain")
    told = one.client.post("/api/inspections/files", {"request_id": str(uuid.uuid4()), "files": [file]})
    assert told.status_code == 201, told.content
    assert Inspection.objects.get().evidence.get().label == "mrz.txt"


def test_an_inspection_is_seen_by_the_token_that_asked_for_it_alone(machine: Callable[..., Machine]) -> None:
    asked = {"request_id": str(uuid.uuid4()), "evidence": evidence()}
    made = machine(Action.INSPECT).send("/inspections", asked).json()
    other = machine(Action.INSPECT)
    assert other.ask(f"/inspections/{made['id']}").status_code == 404
    taken = other.send("/inspections", asked)
    assert (taken.status_code, taken.json()["code"]) == (409, "request_id_taken")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"evidence": {}}, 422, "invalid"),
        ({"request_id": "x", "evidence": {}}, 422, "invalid"),
        ({"request_id": str(uuid.UUID(int=1)), "evidence": {}, "decide": "admitted"}, 422, "invalid"),
        ({"request_id": str(uuid.UUID(int=1)), "evidence": {}}, 422, "evidence.json_schema"),
        ({"request_id": str(uuid.UUID(int=1)), "evidence": {"schema": "fanal.evidence/1"}}, 422, "evidence.json_value"),
        ({"request_id": str(uuid.UUID(int=1)), "lane": str(uuid.UUID(int=2)), "evidence": {}}, 422, "lane_unknown"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_with_a_stable_code(
    machine: Callable[..., Machine], asked: dict[str, Any], status: int, code: str
) -> None:
    told = machine(Action.INSPECT).send("/inspections", asked)
    assert (told.status_code, told.json()["code"]) == (status, code)
    assert not Inspection.objects.exists()


def test_an_answer_does_not_repeat_what_was_sent(machine: Callable[..., Machine]) -> None:
    told = machine(Action.INSPECT).send("/inspections", {"request_id": "ERIKSSON", "evidence": "L898902C3"})
    assert "ERIKSSON" not in told.content.decode()
    assert "L898902C3" not in told.content.decode()


def test_a_body_over_the_limit_and_one_that_is_no_json_are_said(machine: Callable[..., Machine]) -> None:
    one = machine(Action.INSPECT)
    large = one.client.post("/api/inspections", b"[" * (9 * 1024 * 1024), content_type="application/json")
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    broken = one.client.post("/api/inspections", b"{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (400, "not_json")
    declared = one.client.post(
        "/api/inspections", b"{}", content_type="application/json", headers={"content-length": str(2**40)}
    )
    assert declared.status_code == 413


# --- crossings --------------------------------------------------------------------------------------------------------


@pytest.fixture
def crossed(officer: Callable[..., Officer], entry_lane: Lane) -> list[Crossing]:
    who = officer(Role.PRIMARY)
    made = []
    for name in ("ERIKSSON", "MARLOW", "DORVAL"):
        shown = inspection(
            who, entry_lane, advice="no_objection", primary_identifier=name, document_number=f"X{name[:6]}"
        )
        made.append(decide(request_id=uuid.uuid4(), officer=who, inspection=shown, lane=entry_lane, outcome="admitted"))
    return made


def test_crossings_come_in_the_order_of_the_record_and_each_reading_is_on_it(
    machine: Callable[..., Machine], crossed: list[Crossing]
) -> None:
    one = machine(Action.HISTORY, purpose="agreement")
    first = one.ask("/crossings", limit=2).json()
    rest = one.ask("/crossings", limit=2, after=first["after"]).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == [str(row.pk) for row in crossed]
    assert first["items"][0]["person"]["primary_identifier"] == "ERIKSSON"
    nothing = one.ask("/crossings", after=rest["after"]).json()
    assert nothing == {"items": [], "after": rest["after"]}
    read = Entry.objects.filter(action="crossings_read")
    assert {entry.subject for entry in read} == {str(row.person_id) for row in crossed}
    assert {entry.why for entry in read} == {"agreement"}


def test_of_a_restricted_person_only_that_someone_crossed_goes_out(
    machine: Callable[..., Machine], crossed: list[Crossing], officer: Callable[..., Officer]
) -> None:
    restrict(
        request_id=uuid.uuid4(), officer=officer(Role.PRIVACY), person=crossed[0].person, reason="accuracy contested"
    )
    told = machine(Action.HISTORY).ask(f"/crossings/{crossed[0].pk}")
    row = told.json()
    assert row["restricted"]
    assert row["person"] is None
    assert row["document"] is None
    assert "ERIKSSON" not in told.content.decode()


def test_a_crossing_that_is_not_there_is_said(machine: Callable[..., Machine]) -> None:
    told = machine(Action.HISTORY).ask(f"/crossings/{uuid.uuid4()}")
    assert (told.status_code, told.json()["code"]) == (404, "not_found")


# --- the station ------------------------------------------------------------------------------------------------------


def test_health_answers_anyone(client: Client) -> None:
    told = client.get("/api/health")
    assert told.json()["status"] == "ok"


def test_a_witness_gets_the_newest_signed_head(machine: Callable[..., Machine]) -> None:
    one = machine(Action.LEDGER)
    assert one.ask("/ledger/head").status_code == 404
    signer = Signer.generate("fanal.example/malpasse")
    sign_head(signer)
    told = one.ask("/ledger/head").json()
    text, _ = open_note(told["note"], (signer.verifier,))
    assert Checkpoint.parse(text).size == told["size"]


def test_the_administrator_makes_a_token_sees_it_once_and_ends_it(
    admin: Officer, signed_in: Callable[[Officer], Client]
) -> None:
    page = signed_in(admin)
    asked = {
        "request_id": str(uuid.uuid4()),
        "name": "Gate 7",
        "scopes": ["inspect"],
        "purpose": "border_control",
        "days": "30",
        "per_minute": "60",
    }
    shown = page.post("/machines/", asked).content.decode()
    token = Token.objects.get()
    secret = next(word for word in shown.replace("<", " ").replace(">", " ").split() if word.startswith("fanal_"))
    assert services.find(secret, now=timezone.now()) == token
    assert secret not in page.get("/machines/").content.decode()
    assert page.post("/machines/", asked).status_code == 422
    assert page.post("/machines/", asked | {"request_id": str(uuid.uuid4()), "days": "x"}).status_code == 422
    assert Token.objects.count() == 1
    assert page.post(f"/machines/{token.pk}/revoke/").status_code == 302
    assert services.find(secret, now=timezone.now()) is None


def test_an_unknown_address_and_another_method_are_answered_in_the_same_form(machine: Callable[..., Machine]) -> None:
    one = machine(Action.HISTORY)
    for path in ("/nothing", "/crossings/not-an-id/", "/inspections/a/b"):
        assert (one.ask(path).status_code, one.ask(path).json()["code"]) == (404, "not_found")
    told = one.send("/crossings", {})
    assert (told.status_code, told.json()["code"], told["Allow"]) == (405, "method_not_allowed", "GET")
    assert one.ask("/crossings/not-an-id").json()["code"] == "invalid"


# --- the chip reader of a desk ----------------------------------------------------------------------------------------


def test_the_chip_reader_hears_which_document_is_at_its_lane_until_the_chip_came_or_somebody_decided(
    machine: Callable[..., Machine], officer: Callable[..., Officer], entry_lane: Lane, exit_lane: Lane
) -> None:
    reader, elsewhere = machine(Action.INSPECT), machine(Action.INSPECT, lane=exit_lane)
    assert reader.ask("/chip").json() == {"inspection": None, "mrz": []}
    first = reader.send("/inspections", {"request_id": str(uuid.uuid4()), "evidence": evidence()}).json()
    assert reader.ask("/chip").json() == {"inspection": first["id"], "mrz": MRZ.split("\n")}
    assert elsewhere.ask("/chip").json()["inspection"] is None
    asked = Entry.objects.filter(action="chip_asked")
    assert [json.loads(entry.body)["subject"] for entry in asked] == [first["id"]]

    form = {"request_id": str(uuid.uuid4()), "follows": first["id"]}
    record = {"files": SimpleUploadedFile("DG1", make_chip(51).files["DG1"])}
    answer = reader.client.post("/api/inspections/files", form | record)
    assert answer.status_code == 201, answer.content
    later = Inspection.objects.get(pk=answer.json()["id"])
    assert str(later.follows_id) == first["id"]
    assert [piece.kind for piece in later.evidence.all()] == ["mrz_text", "chip_file"]
    assert reader.ask("/chip").json()["inspection"] is None

    other = reader.send("/inspections", {"request_id": str(uuid.uuid4()), "evidence": evidence()}).json()
    decide(
        request_id=uuid.uuid4(),
        officer=officer(Role.PRIMARY),
        inspection=Inspection.objects.get(pk=other["id"]),
        lane=entry_lane,
        outcome="referred",
        reasons=["document_findings"],
    )
    assert reader.ask("/chip").json()["inspection"] is None


def test_evidence_follows_only_what_is_at_the_same_lane(machine: Callable[..., Machine], exit_lane: Lane) -> None:
    first = machine().send("/inspections", {"request_id": str(uuid.uuid4()), "evidence": evidence()}).json()
    for reader, follows in ((machine(lane=exit_lane), first["id"]), (machine(), str(uuid.uuid4()))):
        form = {"request_id": str(uuid.uuid4()), "follows": follows, "files": SimpleUploadedFile("m.txt", MRZ.encode())}
        answer = reader.client.post("/api/inspections/files", form)
        assert (answer.status_code, answer.json()["code"]) == (422, "follows_unknown")


def test_a_chip_reader_without_a_lane_is_told(machine: Callable[..., Machine]) -> None:
    answer = machine(Action.INSPECT, lane=None).ask("/chip")
    assert (answer.status_code, answer.json()["code"]) == (422, "lane_missing")
