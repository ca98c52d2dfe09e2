"""The desk: from the machine readable zone to a decided crossing, by the pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fanal.specimens import shipped
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.crossings.models import Crossing, Person
from fanal.station.crossings.visits import Visit, visits_of
from fanal.station.inspections.models import Inspection
from fanal.station.inspections.services import Delivery, glance
from fanal.station.journal.models import Entry
from fanal.station.places.models import Lane
from tests.station.desk import EXPIRED, GENUINE, WRONG_DIGIT, decide_on, inspect, passport

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(officer: Callable[..., Officer], signed_in: Callable[[Officer], Client], entry_lane: Lane) -> Client:
    """A primary officer at the entry lane."""
    client = signed_in(officer(Role.PRIMARY))
    assert client.post("/inspect/lane/", {"lane": str(entry_lane.pk)}).status_code == 302
    return client


def test_a_clean_entry_goes_from_the_mrz_to_a_crossing_and_back_to_ready(desk: Client) -> None:
    shown = desk.get(inspect(desk, GENUINE))
    page = shown.content.decode()
    assert "No objection" in page
    assert "ERIKSSON" in page
    response = decide_on(desk, shown, outcome="admitted", stay="d30", purpose="market", means="foot")
    crossing = Crossing.objects.get()
    assert response["Location"] == f"/inspect/?done={crossing.pk}"
    assert crossing.outcome == "admitted"
    assert crossing.permitted_until is not None
    assert "Admitted" in desk.get(response["Location"]).content.decode()
    assert {"inspected", "inspection_read", "crossing_admitted"} <= set(Entry.objects.values_list("action", flat=True))


def test_the_same_scan_and_the_same_click_twice_are_one(desk: Client) -> None:
    form = {"mrz": GENUINE, "request_id": str(uuid.uuid4())}
    first, second = (desk.post("/inspect/", form)["Location"] for _ in range(2))
    assert first == second
    shown = desk.get(first)
    body = {"request_id": str(shown.context["request_id"]), "outcome": "admitted", "stay": "d30"}
    for _ in range(2):
        assert desk.post(f"{first}decide/", body).status_code == 302
    assert Inspection.objects.count() == Crossing.objects.count() == 1


def test_nothing_delivered_is_said_and_nothing_is_written(desk: Client) -> None:
    response = desk.post("/inspect/", {"mrz": "  "})
    assert response.status_code == 422
    assert "no evidence yet" in response.content.decode()
    assert not Inspection.objects.exists()


def test_text_that_is_no_mrz_is_refused_and_kept_in_its_field(desk: Client) -> None:
    response = desk.post("/inspect/", {"mrz": "hello there"})
    assert response.status_code == 422
    assert "hello there" in response.content.decode()


def test_a_referral_needs_a_reason_of_the_list(desk: Client) -> None:
    shown = desk.get(inspect(desk, WRONG_DIGIT))
    assert shown.context["inspection"].advice == "refer"
    response = decide_on(desk, shown, outcome="referred")
    assert response.status_code == 422
    assert "at least one reason" in response.content.decode()
    assert decide_on(desk, shown, outcome="referred", reasons=["document_findings"]).status_code == 302
    assert Crossing.objects.get().reasons == ["document_findings"]


def test_against_the_advice_it_takes_a_second_officer_and_a_reason_in_words(
    desk: Client, officer: Callable[..., Officer]
) -> None:
    from tests.station.conftest import PASSWORD

    second = officer(Role.SUPERVISOR, name="second")
    shown = desk.get(inspect(desk, WRONG_DIGIT))
    alone = decide_on(desk, shown, outcome="admitted", stay="d30")
    assert alone.status_code == 422
    signed = {"second": "second", "second_password": PASSWORD}
    assert decide_on(desk, shown, outcome="admitted", stay="d30", **signed).status_code == 422
    wrong = {"second": "second", "second_password": "wrong", "note": "seen by the consul"}
    assert decide_on(desk, shown, outcome="admitted", stay="d30", **wrong).status_code == 422
    done = decide_on(desk, shown, outcome="admitted", stay="d30", note="seen by the consul", **signed)
    assert done.status_code == 302
    assert Crossing.objects.get().countersigned_by == second


def test_an_inspection_is_decided_once(desk: Client) -> None:
    shown = desk.get(inspect(desk, GENUINE))
    decide_on(desk, shown, outcome="admitted", stay="d30")
    again = desk.post(f"{shown.request['PATH_INFO']}decide/", {"outcome": "admitted", "stay": "d30"})
    assert again.status_code == 422
    assert "decided already" in again.content.decode()


def test_an_expired_document_is_shown_with_its_finding_first(desk: Client) -> None:
    shown = desk.get(inspect(desk, EXPIRED))
    assert shown.context["open_findings"][0].number == 1
    assert any(f.finding.check.startswith("dates.") for f in shown.context["open_findings"])


def test_more_evidence_is_looked_at_together_with_what_was_there(desk: Client) -> None:
    first = inspect(desk, GENUINE)
    pk = first.rstrip("/").rpartition("/")[2]
    response = desk.post("/inspect/", {"mrz": passport("L898902D1"), "follows": pk})
    second = Inspection.objects.get(pk=response["Location"].rstrip("/").rpartition("/")[2])
    assert second.evidence.count() == 2
    assert second.advice != "no_objection"  # two documents of one traveller that contradict each other


def test_an_exit_closes_the_entry(desk: Client, exit_lane: Lane) -> None:
    entry = Crossing.objects.get(pk=_admit(desk))
    desk.post("/inspect/lane/", {"lane": str(exit_lane.pk)})
    shown = desk.get(inspect(desk, GENUINE))
    assert shown.context["known"].open.entry == entry
    assert decide_on(desk, shown, outcome="exited").status_code == 302
    assert Crossing.objects.get(outcome="exited").closes == entry


def _admit(client: Client, mrz: str = GENUINE) -> str:
    shown = client.get(inspect(client, mrz))
    response = decide_on(client, shown, outcome="admitted", stay="d30")
    return str(response["Location"]).rpartition("=")[2]


def test_another_document_is_the_same_persons_only_when_the_officer_says_so(desk: Client) -> None:
    _admit(desk)
    renewed = passport("L898902D1")
    shown = desk.get(inspect(desk, renewed))
    (candidate,) = shown.context["known"].candidates
    decide_on(desk, shown, outcome="admitted", stay="d30")
    assert Person.objects.count() == 2
    shown = desk.get(inspect(desk, passport("L898902E2")))
    assert len(shown.context["known"].candidates) == 2
    decide_on(desk, shown, outcome="admitted", stay="d30", person=str(candidate.person.pk))
    assert Person.objects.count() == 2
    assert candidate.person.documents.count() == 2
    assert Entry.objects.filter(action="same_person_confirmed", subject=str(candidate.person.pk)).count() == 1


def test_a_person_page_is_read_on_the_record(desk: Client) -> None:
    crossing = Crossing.objects.get(pk=_admit(desk))
    page = desk.get(f"/persons/{crossing.person_id}/").content.decode()
    assert "no exit on record" in page
    assert Entry.objects.filter(action="person_read", subject=str(crossing.person_id)).exists()


def test_a_search_is_on_the_record_for_each_person_it_found(desk: Client) -> None:
    crossing = Crossing.objects.get(pk=_admit(desk))
    page = desk.post("/crossings/", {"name": "erik"}, follow=True).content.decode()
    assert "ANNA MARIA" in page
    assert Entry.objects.filter(action="crossing_found", subject=str(crossing.person_id)).exists()


def test_help_while_typing_says_each_check_digit_as_soon_as_its_field_is_there(desk: Client) -> None:
    first, second = WRONG_DIGIT.split("\n")
    page = desk.post("/inspect/mrz/", {"mrz": first + "\n" + second[:10]}).content.decode()
    assert "10/44" in page
    assert "7 stands there, 6 follows" in page
    assert "date of birth" not in page
    whole = desk.post("/inspect/mrz/", {"mrz": GENUINE}).content.decode()
    assert whole.count("is right") == 5
    assert "complete" in whole
    assert not Inspection.objects.exists()


def test_a_protection_referral_looks_like_any_note(desk: Client) -> None:
    place = inspect(desk, GENUINE)
    pk = place.rstrip("/").rpartition("/")[2]
    assert f"/protect/?inspection={pk}" in desk.get(place).content.decode()
    response = desk.post("/protect/", {"inspection": pk, "kind": "trafficking", "text": "He answers for her."})
    assert response["Location"] == "/protect/?saved=1"
    page = desk.get(response["Location"]).content.decode()
    assert "trafficking" not in page.lower()
    assert Crossing.objects.get().reasons == []


def test_every_page_about_a_crossing_opens(desk: Client) -> None:
    crossing = Crossing.objects.get(pk=_admit(desk))
    for page in (f"/crossings/{crossing.pk}/", f"/crossings/{crossing.pk}/correct/"):
        assert desk.get(page).status_code == 200
    assert desk.get(f"/crossings/{crossing.pk}/missed-exit/").status_code == 200


def test_a_correction_is_a_new_record_that_points_to_the_old(desk: Client) -> None:
    old = Crossing.objects.get(pk=_admit(desk))
    path = f"/crossings/{old.pk}/correct/"
    fields = {"purpose": "family", "means": "bus", "permitted_until": str(old.permitted_until)}
    assert desk.post(path, fields).status_code == 422  # without words
    response = desk.post(path, fields | {"note": "came by bus, said the driver"})
    new = Crossing.objects.get(corrects=old)
    assert response["Location"] == f"/crossings/{new.pk}/"
    assert (new.purpose, new.means) == ("family", "bus")
    old.refresh_from_db()
    assert old.purpose == ""
    assert "A correction has replaced this record" in desk.get(f"/crossings/{old.pk}/").content.decode()
    assert desk.post(path, fields | {"note": "again"}).status_code == 422


def test_a_crossing_that_did_not_take_place_is_withdrawn_and_closes_nothing(desk: Client, exit_lane: Lane) -> None:
    entry = Crossing.objects.get(pk=_admit(desk))
    desk.post("/inspect/lane/", {"lane": str(exit_lane.pk)})
    for _ in range(2):  # the first exit is withdrawn, the second closes the same entry
        shown = desk.get(inspect(desk, GENUINE))
        assert shown.context["known"].open.entry == entry
        decide_on(desk, shown, outcome="exited")
        exit_ = Crossing.objects.filter(outcome="exited", corrected_by=None).get()
        assert exit_.closes == entry
        last = {"withdraw": "1", "note": "the traveller turned round"}
        assert desk.post(f"/crossings/{exit_.pk}/correct/", last).status_code == 302
    assert Crossing.objects.filter(outcome="withdrawn").count() == 2


def test_a_corrected_exit_still_closes_its_entry(desk: Client, exit_lane: Lane) -> None:
    entry = Crossing.objects.get(pk=_admit(desk))
    desk.post("/inspect/lane/", {"lane": str(exit_lane.pk)})
    decide_on(desk, desk.get(inspect(desk, GENUINE)), outcome="exited")
    exit_ = Crossing.objects.get(outcome="exited")
    desk.post(f"/crossings/{exit_.pk}/correct/", {"means": "bus", "note": "by bus"})
    (visit,) = visits_of(entry.person)
    assert visit.exit is not None
    assert visit.exit.corrects == exit_


def test_an_exit_that_was_missed_rebuts_the_overstay(desk: Client, officer: Callable[..., Officer]) -> None:
    entry = Crossing.objects.get(pk=_admit(desk))
    path = f"/crossings/{entry.pk}/missed-exit/"
    today = timezone.localdate()
    for day, note in (("", "stamp"), (str(today + timedelta(days=1)), "stamp"), (str(today), "")):
        assert desk.post(path, {"day": day, "note": note}).status_code == 422
    assert desk.post(path, {"day": str(today - timedelta(days=1)), "note": "stamp"}).status_code == 422
    assert desk.post(path, {"day": str(today), "note": "a stamp of the neighbour"}).status_code == 302
    (visit,) = visits_of(entry.person)
    assert visit.exit is not None
    assert desk.post(path, {"day": str(today), "note": "again"}).status_code == 422


def test_an_overstay_is_counted_to_the_exit_or_to_today(db: None) -> None:
    entered = timezone.now() - timedelta(days=40)
    until = timezone.localdate(entered) + timedelta(days=29)
    entry = Crossing(at=entered, permitted_until=until, direction="entry", outcome="admitted")
    exit_ = Crossing(at=entered + timedelta(days=35), direction="exit", outcome="exited")
    assert Visit(entry, None).days_over(timezone.localdate()) == 11
    assert Visit(entry, exit_).days_over(timezone.localdate()) == 6
    assert Visit(Crossing(at=entered), None).days_over(timezone.localdate()) == 0


def test_each_stay_is_shown_with_its_sum_before_it_is_granted(desk: Client) -> None:
    _admit(desk)
    shown = desk.get(inspect(desk, GENUINE))
    choices = {choice.code: choice for choice in shown.context["stays"]}
    today = timezone.localdate()
    assert choices["d30"].until == today + timedelta(days=29)
    assert choices["none"].until is None
    rolling = choices["w90_180"]
    assert rolling.sum is not None
    assert (rolling.sum["used"], rolling.until) == (1, today + timedelta(days=89))
    page = shown.content.decode()
    assert f"30 days → {choices['d30'].until}" in page


def test_the_mrz_of_a_picture_gives_its_advice_before_the_rest_is_read_and_keeps_nothing(desk: Client) -> None:
    pytest.importorskip("cv2")
    specimen = next(one for one in shipped() if one.name.startswith("td3"))
    page = desk.post("/inspect/first-look/", {"specimen": specimen.name})
    assert page.status_code == 200
    assert "machine readable zone alone" in page.content.decode()
    assert "advice " in page.content.decode()
    assert "UTO" in page.content.decode()
    seen = glance(deliveries=[Delivery(specimen.pictures[0].read_bytes())])
    assert seen is not None
    assert {claim["source"] for claim in seen.report["claims"]} == {"mrz"}
    assert not Inspection.objects.exists()


@pytest.mark.parametrize("form", [{}, {"mrz": "hello there"}])
def test_where_no_mrz_is_read_there_is_nothing_to_say_beforehand(desk: Client, form: dict[str, str]) -> None:
    assert desk.post("/inspect/first-look/", form).status_code == 204


def test_a_search_is_on_the_record_and_in_no_address(desk: Client) -> None:
    decide_on(desk, desk.get(inspect(desk, GENUINE)), outcome="admitted", stay="d30")
    answer = desk.post("/crossings/", {"name": "erik", "number": ""})
    assert answer["Location"] == "/crossings/?found=1"
    assert "L898902C3" in desk.get(answer["Location"]).content.decode()
    assert Entry.objects.filter(action="crossings_searched").count() == 1
    # A new visit begins with nothing.
    assert "L898902C3" not in desk.get("/crossings/").content.decode()
    assert "L898902C3" not in desk.get(answer["Location"]).content.decode()
