"""The supervisor's pages: the board, the hand-over, overrides, statistics, exports."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from fanal.station import texts
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.crossings.services import decide
from fanal.station.errors import Refusal
from fanal.station.journal.models import Entry
from fanal.station.lists.models import ListEntry, WatchList
from fanal.station.places.models import CrossingPoint, Lane
from fanal.station.secondary import services as secondary
from fanal.station.sharing.models import Inbox, Outbox, SignedAgreement
from fanal.station.supervision import exports, queries, services
from fanal.station.supervision.models import ShiftHandover
from tests.station.conftest import PASSWORD
from tests.station.travellers import inspection, refer

pytestmark = pytest.mark.django_db
Make = Callable[..., Officer]
SignedIn = Callable[[Officer], Client]
BUDGET = "Twelve blankets are left."


@pytest.fixture
def supervisor(officer: Make) -> Officer:
    return officer(Role.SUPERVISOR)


@pytest.fixture
def primary(officer: Make) -> Officer:
    return officer(Role.PRIMARY)


@pytest.fixture
def desk(supervisor: Officer, signed_in: SignedIn) -> Client:
    return signed_in(supervisor)


def admit(officer: Officer, lane: Lane, n: int, *, second: Officer | None = None, note: str = "", **how: Any) -> None:
    for _ in range(n):
        number = f"N{uuid.uuid4().hex[:8].upper()}"
        advice = "refer" if second else "no_objection"
        shown = inspection(officer, lane, advice=advice, document_number=number, **how)
        decide(
            request_id=uuid.uuid4(),
            officer=officer,
            inspection=shown,
            lane=lane,
            outcome="admitted",
            purpose="market",
            note=note,
            countersigned_by=second,
        )


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


# --- the board --------------------------------------------------------------------------------------------------------


def test_the_board_counts_what_stands_now(
    supervisor: Officer, primary: Officer, officer: Make, entry_lane: Lane, exit_lane: Lane, point: CrossingPoint
) -> None:
    admit(primary, entry_lane, 2)
    admit(primary, entry_lane, 1, second=supervisor, note="Photograph is old.")
    held = refer(primary, entry_lane, document_number="R1")
    refer(primary, exit_lane, document_number="R2")
    secondary.claim(request_id=uuid.uuid4(), officer=officer(Role.SECONDARY), case=held.pk)
    now = timezone.now()
    figures = queries.figures(supervisor, point, now)
    assert figures["admitted"] == 3
    assert figures["referred"] == 2
    assert (figures["overrides"], figures["waiting"], figures["in_work"]) == (1, 1, 1)
    rows = {row.lane.name: row for row in queries.lanes(point, now)}
    assert (rows["1"].hour, rows["2"].hour) == (4, 1)
    assert queries.cases(supervisor, point, now).by_officer == [("Officer secondary", 1)]


def test_the_board_counts_no_case_that_protection_alone_opened(
    desk: Client, supervisor: Officer, primary: Officer, entry_lane: Lane, point: CrossingPoint
) -> None:
    before = queries.figures(supervisor, point, timezone.now())
    secondary.protect(request_id=uuid.uuid4(), officer=primary, kind="asylum", text="Words.", lane=entry_lane)
    assert queries.figures(supervisor, point, timezone.now()) == before
    assert queries.case_rows(supervisor, date(2020, 1, 1), timezone.localdate()) == []


def test_a_lane_is_closed_and_opened_on_the_board_and_on_the_record(desk: Client, entry_lane: Lane) -> None:
    for is_open in (False, False, True):
        desk.post(f"/board/lane/{entry_lane.pk}/", {"open": "1" if is_open else "0"})
        entry_lane.refresh_from_db()
        assert entry_lane.is_open == is_open
    assert Entry.objects.filter(action="lane_closed").count() == 1
    assert Entry.objects.filter(action="lane_opened").count() == 1


def test_what_we_rely_on_says_how_old_it_is_or_that_it_is_not_there(desk: Client, entry_lane: Lane) -> None:
    keys = {line.key for line in queries.lines()}
    assert keys >= {"board.no_trust", "board.no_record", "board.no_partner"}
    assert texts.text("board.no_trust", "en") in shown(desk, "/board/")


def test_each_list_says_when_it_last_changed(desk: Client, officer: Make, entry_lane: Lane) -> None:
    assert texts.text("board.no_lists", "en") in shown(desk, "/board/")
    keeper, now = officer(Role.LIST_KEEPER), timezone.now()
    kept = WatchList.objects.create(
        name="Utopian lost documents",
        subject="documents",
        owner="Utopia",
        legal_basis="Act 1",
        action="compare_only",
        expires_on=date(2099, 1, 1),
        created_by=keeper,
    )
    page = shown(desk, "/board/")
    assert "List Utopian lost documents last changed" in page
    assert texts.text("board.no_lists", "en") not in page
    ListEntry.objects.create(
        watch_list=kept,
        title="L898902C3",
        reason="Reported lost.",
        state="in_force",
        author=keeper,
        approver=officer(Role.LIST_KEEPER, name="second"),
        approved_at=now - timedelta(days=9),
        review_on=date(2099, 1, 1),
        expires_on=date(2099, 1, 1),
    )
    assert "days ago: 9" in shown(desk, "/board/")


def test_the_link_is_told_from_what_is_kept_here(desk: Client, entry_lane: Lane) -> None:
    now = timezone.now()
    for partner in ("DOM-DGM", "HTI-DIE"):
        SignedAgreement.objects.create(
            agreement=uuid.uuid4(), version=1, partner=partner, text="{}", state="in_force", at=now
        )
    Inbox.objects.create(message="m", partner="DOM-DGM", outcome="applied", received=now - timedelta(days=3))
    Outbox.objects.create(message=uuid.uuid4(), partner="HTI-DIE", envelope=b"x", written=now - timedelta(days=1))
    page = shown(desk, "/board/")
    for words in ("DOM-DGM last heard", "days ago: 3", "HTI-DIE not heard yet", "wait to be sent: 1"):
        assert words in page


# --- the hand-over ----------------------------------------------------------------------------------------------------


def test_a_shift_is_handed_over_to_another_supervisor_who_signs_here(
    desk: Client, officer: Make, point: CrossingPoint
) -> None:
    officer(Role.SUPERVISOR, name="incoming")
    form = {"request_id": str(uuid.uuid4()), "point": str(point.pk), "note": BUDGET, "second": "incoming"}
    for change, code in (
        ({"second": ""}, "incoming_missing"),
        ({"second": "supervisor"}, "incoming_role"),
        ({"second_password": "wrong"}, "countersign_password"),
        ({"note": " "}, "note_missing"),
    ):
        answer = desk.post("/board/handover/", form | {"second_password": PASSWORD} | change)
        assert answer.status_code == 422
        assert texts.text(f"refusal.{code}", "en") in answer.content.decode()
    assert not ShiftHandover.objects.exists()
    for _ in range(2):
        assert desk.post("/board/handover/", form | {"second_password": PASSWORD}).status_code == 302
    made = ShiftHandover.objects.get()
    assert made.incoming.username == "incoming"
    assert made.state["waiting"] == 0
    assert BUDGET in shown(desk, "/board/handover/")
    with pytest.raises(DatabaseError), transaction.atomic():
        ShiftHandover.objects.update(note="Nothing.")


def test_a_shift_is_not_handed_to_who_does_not_supervise(
    supervisor: Officer, primary: Officer, point: CrossingPoint
) -> None:
    with pytest.raises(Refusal, match="incoming_role"):
        services.hand_shift_over(
            request_id=uuid.uuid4(), outgoing=supervisor, incoming=primary, point=point, note=BUDGET
        )


# --- overrides --------------------------------------------------------------------------------------------------------


def test_who_went_against_the_advice_is_listed_with_who_signed_and_why(
    desk: Client, supervisor: Officer, primary: Officer, entry_lane: Lane
) -> None:
    admit(primary, entry_lane, 1, second=supervisor, note="Called the issuing State.")
    admit(primary, entry_lane, 1)
    page = shown(desk, "/board/overrides/")
    assert page.count("Called the issuing State.") == 1
    assert primary.name in page
    assert "ERIKSSON" not in page
    assert Entry.objects.filter(action="overrides_read").count() == 1
    later = timezone.localdate() + timedelta(days=30)
    assert "Called" not in shown(desk, f"/board/overrides/?since={later}&until={later}")


# --- statistics and exports -------------------------------------------------------------------------------------------


def test_small_counts_are_hidden_on_the_page_and_in_both_files(
    desk: Client, primary: Officer, entry_lane: Lane
) -> None:
    admit(primary, entry_lane, 7)
    admit(primary, entry_lane, 2, nationality="HTI")
    today = timezone.localdate()
    table = queries.statistics(rows="nationality", since=today, until=today, point=None)
    assert table.cells["HTI", "admitted"] is None
    assert table.cells["UTO", "admitted"] is None
    assert table.total == 9
    page = shown(desk, "/board/statistics/?by=nationality")
    assert page.count('<td class="number">hidden</td>') == 4
    assert '<td class="number">2</td>' not in page
    response = desk.get("/board/export/statistics/?by=nationality")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[-1][-1] == "9"
    assert ["hidden", "0", "0", "0", "hidden"] in [row[1:] for row in rows]
    assert desk.get("/board/export/statistics/?by=nationality&format=pdf").content.startswith(b"%PDF-")


@pytest.mark.parametrize("by", queries.ROWS)
@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_division_speaks_every_language(
    by: str, lang: str, officer: Make, signed_in: SignedIn, primary: Officer, entry_lane: Lane
) -> None:
    admit(primary, entry_lane, 1)
    client = signed_in(officer(Role.SUPERVISOR, name="s", language=lang))
    assert texts.text("outcome.admitted", lang) in shown(client, f"/board/statistics/?by={by}")
    assert client.get(f"/board/export/statistics/?by={by}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["since=soon", "since=2026-12-01&until=2020-01-01", "by=shoe", "point=x", "since=0001-01-01", "until=9999-12-31"],
)
def test_days_that_cannot_be_show_days_that_can(desk: Client, entry_lane: Lane, query: str) -> None:
    for path in ("/board/statistics/", "/board/overrides/", "/board/export/cases/"):
        assert desk.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_is_only_shown(start: str) -> None:
    assert exports.safe(start) == f"'{start}"
    (row,) = csv.reader(io.StringIO(exports.to_csv([start], []).decode("utf-8-sig")))
    assert row == [f"'{start}"]


def test_an_officer_s_words_leave_as_text_and_the_export_is_on_the_record(
    desk: Client, supervisor: Officer, primary: Officer, entry_lane: Lane
) -> None:
    admit(primary, entry_lane, 1, second=supervisor, note='=HYPERLINK("https://evil.example")')
    rows = list(csv.reader(io.StringIO(desk.get("/board/export/overrides/").content.decode("utf-8-sig"))))
    assert rows[1][-1] == '\'=HYPERLINK("https://evil.example")'
    assert desk.get("/board/export/overrides/?format=pdf").content.startswith(b"%PDF-")
    assert Entry.objects.filter(action="exported", subject="overrides").count() == 2


def test_cases_leave_without_a_name_or_number(desk: Client, primary: Officer, entry_lane: Lane) -> None:
    case = refer(primary, entry_lane)
    text = desk.get("/board/export/cases/").content.decode("utf-8-sig")
    assert str(case.pk) in text
    for private in ("ERIKSSON", "L898902C3", "1974"):
        assert private not in text


def test_a_file_that_is_not_made_here_is_not_found(desk: Client) -> None:
    for path in ("/board/export/persons/", "/board/export/cases/?format=xlsm"):
        assert desk.get(path).status_code == 404


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_page_of_the_supervisor_speaks_every_language(
    lang: str, supervisor: Officer, officer: Make, signed_in: SignedIn, primary: Officer, entry_lane: Lane
) -> None:
    admit(primary, entry_lane, 1, second=supervisor, note="Words.")
    services.hand_shift_over(
        request_id=uuid.uuid4(),
        outgoing=supervisor,
        incoming=officer(Role.SUPERVISOR, name="other"),
        point=entry_lane.point,
        note=BUDGET,
    )
    client = signed_in(officer(Role.SUPERVISOR, name="reader", language=lang))
    for path in ("", "handover/", "overrides/", "statistics/"):
        assert " style=" not in shown(client, f"/board/{path}")
