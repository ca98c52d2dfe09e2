"""Lists, rules, bulletins and hits in the station: two persons answer, hits have steps, a mistake is put right once."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from fanal.inspection.profiles import Profiles, parse
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.crossings.services import decide
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.models import Entry
from fanal.station.journal.services import verify
from fanal.station.lists import conditions, hits, index, services
from fanal.station.lists.models import Cleared, Hit, ListEntry, ListImport, Rule, Screened, WatchList
from fanal.station.places.models import Lane
from fanal.station.privacy.queries import access_file
from fanal.station.privacy.retention import _erase_inspection
from fanal.station.secondary.models import Case
from tests.station import travellers
from tests.station.desk import GENUINE, inspect

PROFILE = """schema = "fanal.profile/1"
id = "uto"
source = "this test"
issuing_state = "UTO"
document_codes = ["P*"]
[number]
"""
pytestmark = pytest.mark.django_db
FUTURE = "2031-01-01"
ANNA = {"name": "Anna Maria ERIKSSON", "born": "1974-08-12", "reason": "asked for by a court", "expires_on": FUTURE}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def keeper(officer: Callable[..., Officer]) -> Officer:
    return officer(Role.LIST_KEEPER, name="keeper")


@pytest.fixture
def second(officer: Callable[..., Officer]) -> Officer:
    return officer(Role.LIST_KEEPER, name="second")


@pytest.fixture
def desk(officer: Callable[..., Officer]) -> Officer:
    return officer(Role.PRIMARY, Role.SECONDARY, name="desk")


def a_list(keeper: Officer, name: str = "Wanted", subject: str = "persons", **values: str) -> WatchList:
    given = {
        "name": name, "subject": subject, "owner": "Ministry", "legal_basis": "Law 1", "action": "call_owner",
        "expires_on": FUTURE, "contact": "555",
    } | values  # fmt: skip
    return services.make_list(officer=keeper, values=given, purposes=["wanted"], handling=["discreet"])


def in_force(watch_list: WatchList, keeper: Officer, second: Officer, **values: str) -> ListEntry:
    entry = services.propose(request_id=uuid.uuid4(), officer=keeper, watch_list=watch_list, values=values or ANNA)
    return services.approve(officer=second, entry=entry)


def screened(desk: Officer, **claims: str) -> list[Hit]:
    inspection = travellers.inspection(desk, None, advice="refer", picture=False, **claims)
    hits.screen(inspection)
    return list(inspection.hits.all())


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refusal:
        call()
    return refusal.value.code


# --- entries ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_found_only_when_another_person_has_approved_it(
    keeper: Officer, second: Officer, desk: Officer
) -> None:
    entry = services.propose(request_id=uuid.uuid4(), officer=keeper, watch_list=a_list(keeper), values=ANNA)
    assert screened(desk) == []
    assert refused(lambda: services.approve(officer=keeper, entry=entry)) == "approver_same"
    services.approve(officer=second, entry=entry)
    (hit,) = screened(desk)
    assert hit.sure
    assert hit.entry == entry
    assert refused(lambda: services.approve(officer=second, entry=entry)) == "entry_state"


def test_the_database_refuses_an_author_who_approves(keeper: Officer) -> None:
    entry = services.propose(request_id=uuid.uuid4(), officer=keeper, watch_list=a_list(keeper), values=ANNA)
    with pytest.raises(IntegrityError), transaction.atomic():
        ListEntry.objects.filter(pk=entry.pk).update(approver=keeper, state="in_force")


@pytest.mark.parametrize(
    "traits",
    [
        {"nationality": "HTI"},
        {"sex": "M", "born": "1980"},
        {"nationality": "HTI", "sex": "F", "born": "1974-08-12", "place_of_birth": "Zenith"},
        {"name": "*", "nationality": "HTI"},
    ],
)
def test_an_entry_on_traits_alone_is_refused_with_the_reason(keeper: Officer, traits: dict[str, str]) -> None:
    watch_list = a_list(keeper)
    given = traits | {"reason": "x", "expires_on": FUTURE}
    code = refused(
        lambda: services.propose(request_id=uuid.uuid4(), officer=keeper, watch_list=watch_list, values=given)
    )
    assert code == "traits_alone"
    assert ListEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"born": "12.8.1974"}, "entry_row"),
        ({"expires_on": "2020-01-01"}, "list_day_past"),
        ({"expires_on": "2040-01-01"}, "entry_outlives_list"),
        ({"reason": " "}, "list_field_missing"),
        ({"name": "", "document_number": "C123"}, "entry_wrong_subject"),
    ],
)
def test_a_wrong_entry_is_refused_and_nothing_is_written(keeper: Officer, values: dict[str, str], code: str) -> None:
    watch_list = a_list(keeper)
    given = ANNA | values
    assert (
        refused(lambda: services.propose(request_id=uuid.uuid4(), officer=keeper, watch_list=watch_list, values=given))
        == code
    )
    assert ListEntry.objects.count() == 0


def test_a_photo_needs_its_legal_basis(keeper: Officer) -> None:
    watch_list = a_list(keeper)

    def propose(photo: bytes, **values: str) -> ListEntry:
        return services.propose(
            request_id=uuid.uuid4(), officer=keeper, watch_list=watch_list, values=ANNA | values, photo=photo
        )

    assert refused(lambda: propose(b"\xff\xd8jpeg")) == "list_field_missing"
    assert refused(lambda: propose(b"GIF89a", photo_basis="Law 2")) == "entry_photo"
    assert propose(b"\xff\xd8jpeg", photo_basis="Law 2").photo == b"\xff\xd8jpeg"


def test_the_same_click_twice_is_one_entry(keeper: Officer) -> None:
    watch_list, request = a_list(keeper), uuid.uuid4()
    first = services.propose(request_id=request, officer=keeper, watch_list=watch_list, values=ANNA)
    assert services.propose(request_id=request, officer=keeper, watch_list=watch_list, values=ANNA) == first


def test_lists_are_never_merged_and_an_expired_one_is_not_asked(
    keeper: Officer, second: Officer, desk: Officer
) -> None:
    one, other = a_list(keeper, "One"), a_list(keeper, "Other")
    for watch_list in (one, other):
        in_force(watch_list, keeper, second)
    assert {hit.entry.watch_list.name for hit in screened(desk) if hit.entry} == {"One", "Other"}
    WatchList.objects.filter(pk=other.pk).update(expires_on=date(2026, 11, 1))
    assert {hit.entry.watch_list.name for hit in screened(desk) if hit.entry} == {"One"}


def test_a_lost_document_is_a_hit_and_a_confusable_one_is_possible(
    keeper: Officer, second: Officer, desk: Officer
) -> None:
    watch_list = a_list(keeper, "Lost", "documents")
    in_force(
        watch_list, keeper, second,
        document_number="L898902C3", document_state="UTO", status="stolen", reason="reported", expires_on=FUTURE,
    )  # fmt: skip
    (hit,) = screened(desk)
    assert hit.sure
    (hit,) = screened(desk, document_number="L8989O2C3")
    assert not hit.sure
    assert "L8989[O]2C3" in hits.reasons_of(hit, "en")[0].text
    assert screened(desk, document_number="L898902C4") == []


def test_a_number_one_character_short_is_possible_where_the_profile_knows_the_length(
    keeper: Officer, second: Officer, desk: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbered = PROFILE.replace("[number]", '[number]\npatterns = ["#########"]')
    values = {
        "document_number": "123456789",
        "document_state": "UTO",
        "status": "lost",
        "reason": "reported",
        "expires_on": FUTURE,
    }
    in_force(a_list(keeper, subject="documents"), keeper, second, **values)
    assert screened(desk, document_number="12346789") == []
    monkeypatch.setattr(hits, "profiles", lambda: Profiles((parse(numbered.encode(), "uto"),)))
    (hit,) = screened(desk, document_number="12346789")
    assert not hit.sure
    assert "1234[_]6789" in hits.reasons_of(hit, "en")[0].text


def test_a_station_without_its_index_makes_it_anew(
    keeper: Officer, second: Officer, desk: Officer, tmp_path: Path
) -> None:
    in_force(a_list(keeper), keeper, second)
    assert len(screened(desk)) == 1
    for file in (tmp_path / "screening").iterdir():
        file.unlink()
    assert len(screened(desk)) == 1


def test_lists_that_cannot_be_asked_are_said_and_the_inspection_stands(
    keeper: Officer, second: Officer, desk: Officer, tmp_path: Path, signed_in: Callable[[Officer], Client]
) -> None:
    in_force(a_list(keeper), keeper, second)
    (tmp_path / "screening").mkdir()
    for name in ("persons.db", "numbers.db"):
        (tmp_path / "screening" / name).write_bytes(b"this is no index, whatever its name says" * 100)
    path = inspect(signed_in(desk), GENUINE)
    assert Screened.objects.get().problem == "index_not_opened"
    page = signed_in(desk).get(path).content.decode()
    assert "could not be asked" in page


# --- imports ----------------------------------------------------------------------------------------------------------


def bring(keeper: Officer, watch_list: WatchList, content: str | bytes, name: str = "list.csv") -> ListImport:
    data = content.encode() if isinstance(content, str) else content
    return services.bring_in(officer=keeper, watch_list=watch_list, name=name, content=data, reason="weekly")


def test_a_file_is_looked_at_then_taken_in_whole_by_another_person(
    keeper: Officer, second: Officer, desk: Officer
) -> None:
    brought = bring(keeper, a_list(keeper), "ref,name,born\n1,Anna Maria Eriksson,1974-08-12\n2,Rose Dorvil,1980\n")
    assert (brought.rows, brought.errors) == (2, 0)
    assert ListEntry.objects.count() == 0
    assert refused(lambda: services.take_in(officer=keeper, brought=brought)) == "approver_same"
    assert services.take_in(officer=second, brought=brought) == 2
    assert refused(lambda: services.take_in(officer=second, brought=brought)) == "import_done"
    assert [hit.entry.ref for hit in screened(desk) if hit.entry] == ["1"]


def test_a_list_brought_in_again_keeps_what_is_the_same_and_ends_what_is_not(
    keeper: Officer, second: Officer, desk: Officer
) -> None:
    watch_list = a_list(keeper)
    first = "ref,name,born\n1,Anna Maria Eriksson,1974-08-12\n2,Rose Dorvil,1980\n3,Luis Marte,1990\n"
    services.take_in(officer=second, brought=bring(keeper, watch_list, first))
    (hit,) = screened(desk)
    step(hit, desk, "in_comparison")
    step(hit, desk, "not_same", "no scar")
    again = "ref,name,born\n1,Anna Maria Eriksson,1974-08-12\n2,Rose Dorvil,1981\n4,Eva Cruz,1970\n"
    assert services.take_in(officer=second, brought=bring(keeper, watch_list, again)) == 2
    entries = watch_list.entries.filter(state="in_force").order_by("ref")
    assert [(e.ref, e.person["born"]) for e in entries if e.person] == [
        ("1", ["1974-08-12"]), ("2", ["1981"]), ("3", ["1990"]), ("4", ["1970"])
    ]  # fmt: skip
    assert (entries[0], entries[1].ended_why) == (hit.entry, "")
    assert [e.ended_why for e in watch_list.entries.filter(state="ended", ref="2")] == ["weekly"]
    assert screened(desk) == []  # who was told apart from an entry that stayed is not met again


def test_a_file_that_speaks_of_an_entry_written_by_hand_leaves_the_record_whole(
    keeper: Officer, second: Officer
) -> None:
    watch_list = a_list(keeper)
    for ref, name in (("1", "Rose Dorvil"), ("2", "Luis Marte")):
        in_force(watch_list, keeper, second, ref=ref, name=name, born="1980", reason="x", expires_on=FUTURE)
    file = "ref,name,born,expires\n1,Rose Dorvil,1980,2030-05-05\n2,Luis Marte,1981,\n"
    services.take_in(officer=second, brought=bring(keeper, watch_list, file))
    index.opened()
    assert list(verify()) == []


def test_a_file_with_one_wrong_line_is_not_taken_in_at_all(keeper: Officer, second: Officer) -> None:
    brought = bring(keeper, a_list(keeper), "name,born\nRose Dorvil,1980\nAnna,80-1\n,1980\n=1+1,\n")
    assert [(e["line"], e["code"]) for e in brought.first_errors] == [
        (3, "not_a_date"), (4, "traits_alone"), (5, "formula")
    ]  # fmt: skip
    assert refused(lambda: services.take_in(officer=second, brought=brought)) == "import_errors"
    assert ListEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("name\nJosé\n".encode("latin-1"), "not_utf8"),
        (b"PK\x03\x04 no workbook", "not_xlsx"),
        (b"a,b\n1,2\n", "no_header"),
        (b"", "empty"),
    ],
)
def test_a_hostile_file_is_refused_with_the_reason(
    keeper: Officer, signed_in: Callable[[Officer], Client], content: bytes, problem: str
) -> None:
    watch_list = a_list(keeper)
    with pytest.raises(Refusal) as refusal:
        bring(keeper, watch_list, content)
    assert refusal.value.values["problem"] == problem
    file = SimpleUploadedFile("list.csv", content or b" ")
    page = signed_in(keeper).post(f"/lists/{watch_list.pk}/", {"file": file, "reason": "weekly"})
    assert page.status_code == 422
    assert "The file is refused: " in page.content.decode()
    assert ListImport.objects.count() == 0


def test_too_many_rows_are_refused(keeper: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_IMPORT_ROWS", 3)
    watch_list = a_list(keeper)
    with pytest.raises(Refusal) as refusal:
        bring(keeper, watch_list, "name\n" + "Rose Dorvil\n" * 4)
    assert refusal.value.values["problem"] == "too_many_rows"


def test_an_export_has_no_formula_and_can_be_read_in_again(
    keeper: Officer, second: Officer, signed_in: Callable[[Officer], Client]
) -> None:
    watch_list = a_list(keeper)
    in_force(watch_list, keeper, second, **(ANNA | {"reason": "=HYPERLINK(1)", "other_names": "Anna E"}))
    response = signed_in(keeper).get(f"/lists/{watch_list.pk}/export/")
    text = b"".join(response).decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["reason"] == "'=HYPERLINK(1)"
    assert row["other_names"] == "Anna E"
    assert bring(keeper, a_list(keeper, "Again"), text).errors == 0
    assert Entry.objects.filter(action="list_exported").exists()


# --- hits -------------------------------------------------------------------------------------------------------------


def step(hit: Hit, officer: Officer, to: str, note: str = "", **more: Any) -> object:
    return hits.move(request_id=uuid.uuid4(), officer=officer, hit=hit, to=to, note=note, **more)


def test_a_hit_is_compared_then_confirmed_and_each_step_is_on_the_record(
    keeper: Officer, second: Officer, desk: Officer
) -> None:
    in_force(a_list(keeper), keeper, second)
    (hit,) = screened(desk)
    assert refused(lambda: step(hit, desk, "confirmed", "x")) == "hit_state"
    step(hit, desk, "in_comparison")
    assert refused(lambda: step(hit, desk, "confirmed")) == "note_missing"
    step(hit, desk, "confirmed", "the ministry confirmed by telephone")
    hit.refresh_from_db()
    assert (hit.state, hit.holder) == ("confirmed", desk)
    assert [m.move for m in hit.moves.all()] == ["in_comparison", "confirmed"]
    assert Entry.objects.filter(action="hit_confirmed", subject=str(hit.pk)).exists()
    assert refused(lambda: step(hit, desk, "not_same", "late")) == "hit_state"


def test_nobody_passes_with_a_hit_that_is_not_settled(
    keeper: Officer, second: Officer, desk: Officer, entry_lane: Lane, signed_in: Callable[[Officer], Client]
) -> None:
    in_force(a_list(keeper), keeper, second)
    inspection = travellers.inspection(desk, entry_lane, advice="no_objection")
    page = signed_in(desk).get(f"/inspect/{inspection.pk}/").content.decode()
    assert "compared before you decide" in page
    assert 'class="advice no_objection"' not in page
    (hit,) = inspection.hits.all()

    def admit() -> object:
        return decide(
            request_id=uuid.uuid4(), inspection=inspection, officer=desk, lane=entry_lane, outcome="admitted",
            purpose="tourism", means="foot",
        )  # fmt: skip

    assert refused(admit) == "hits_open"
    step(hit, desk, "in_comparison")
    assert refused(admit) == "hits_open"
    step(hit, desk, "not_same", "no scar")
    assert admit()
    assert 'class="advice no_objection"' in signed_in(desk).get(f"/inspect/{inspection.pk}/").content.decode()


def test_a_hit_is_handed_over_to_the_next_shift(
    keeper: Officer, second: Officer, desk: Officer, officer: Callable[..., Officer]
) -> None:
    in_force(a_list(keeper), keeper, second)
    (hit,) = screened(desk)
    step(hit, desk, "in_comparison")
    step(hit, desk, "handed_over", "the owner calls back at six")
    other = officer(Role.SECONDARY, name="night")
    step(hit, other, "in_comparison")
    hit.refresh_from_db()
    assert hit.holder == other


def test_not_the_same_person_holds_for_that_document_and_those_traits_only(
    keeper: Officer, second: Officer, desk: Officer
) -> None:
    watch_list = a_list(keeper)
    entry = in_force(watch_list, keeper, second)
    (hit,) = screened(desk)
    step(hit, desk, "in_comparison")
    assert refused(lambda: step(hit, desk, "not_same", "scar", until=date(2020, 1, 1))) == "hit_until"
    step(hit, desk, "not_same", "no scar on the left hand")
    cleared = Cleared.objects.get()
    assert (cleared.entry, cleared.officer, cleared.why) == (entry, desk, "no scar on the left hand")
    assert cleared.until > timezone.localdate()
    assert screened(desk) == []
    assert len(screened(desk, document_number="L898902X7")) == 1  # another document
    assert len(screened(desk, secondary_identifier="ANNA")) == 1  # other traits
    in_force(a_list(keeper, "Second list"), keeper, second)
    assert [h.entry.watch_list.name for h in screened(desk) if h.entry] == ["Second list"]  # another entry
    Cleared.objects.update(until=date(2026, 11, 1))
    assert len(screened(desk)) == 2


def test_a_hit_that_nobody_compared_expires_and_says_so(keeper: Officer, second: Officer, desk: Officer) -> None:
    in_force(a_list(keeper), keeper, second)
    (hit,) = screened(desk)
    hits.expire_due()
    assert Hit.objects.get().state == "new"
    Hit.objects.update(due_at=timezone.now() - timedelta(hours=25))
    hits.expire_due()
    hit.refresh_from_db()
    assert hit.state == "expired"
    assert hit.moves.get().officer is None
    assert Entry.objects.filter(action="hit_expired").exists()


def test_steps_of_a_hit_are_never_changed(keeper: Officer, second: Officer, desk: Officer) -> None:
    in_force(a_list(keeper), keeper, second)
    (hit,) = screened(desk)
    step(hit, desk, "in_comparison")
    for statement in ("UPDATE lists_hitmove SET move = 'confirmed'", "DELETE FROM lists_hitmove"):
        with pytest.raises(Exception, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_one_act_of_redress_reaches_the_entry_its_copies_its_hits_and_cases(
    keeper: Officer, second: Officer, desk: Officer, entry_lane: Lane, signed_in: Callable[[Officer], Client]
) -> None:
    values = ANNA | {"ref": "M-7"}
    entry = in_force(a_list(keeper, "One"), keeper, second, **values)
    copy = in_force(a_list(keeper, "Copy"), keeper, second, **values)
    elsewhere = in_force(a_list(keeper, "Elsewhere", owner="Police"), keeper, second, **values)
    inspection = travellers.inspection(desk, entry_lane)
    hits.screen(inspection)
    assert inspection.hits.count() == 3
    case = Case.objects.create(opened_at=timezone.now(), inspection=inspection)
    request = uuid.uuid4()
    assert refused(lambda: services.redress(request_id=request, officer=keeper, entry=entry, why=" ")) == "note_missing"
    done = services.redress(request_id=request, officer=keeper, entry=entry, why="another Anna was meant")
    assert services.redress(request_id=request, officer=keeper, entry=entry, why="again") == done
    assert done.reached["cases"] == [str(case.pk)]
    assert done.reached["copies"] == [str(copy.pk)]
    assert len(done.reached["hits"]) == 2
    states = {hit.entry_id: hit.state for hit in inspection.hits.all()}
    assert states == {entry.pk: "expired", copy.pk: "expired", elsewhere.pk: "new"}
    assert [hit.entry for hit in screened(desk)] == [elsewhere]
    assert Entry.objects.get(action="entry_redressed").subject == str(entry.pk)
    assert Entry.objects.get(action="case_redressed").subject == str(case.pk)
    page = signed_in(desk).get(f"/cases/{case.pk}/").content.decode()
    assert "by mistake" in page
    assert "another Anna was meant" in page


def test_redress_ends_a_copy_that_waits_for_approval(keeper: Officer, second: Officer) -> None:
    values = ANNA | {"ref": "M-7"}
    entry = in_force(a_list(keeper, "One"), keeper, second, **values)
    waiting = services.propose(
        request_id=uuid.uuid4(), officer=keeper, watch_list=a_list(keeper, "Copy"), values=values
    )
    services.redress(request_id=uuid.uuid4(), officer=keeper, entry=entry, why="another Anna was meant")
    assert refused(lambda: services.approve(officer=second, entry=waiting)) == "entry_state"


# --- rules and bulletins ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        'nationality == "HTI"',
        'sex == "M" and age < 30',
        'nationality == "HTI" or document_number =~ "L.*"',
        'not (sex == "F")',
        'place_of_birth =~ "PORT.*" and nationality in ["HTI", "DOM"]',
        'not (document_number == "X" and nationality == "HTI")',
        "true",
    ],
)
def test_a_rule_that_traits_alone_can_meet_is_refused(condition: str) -> None:
    assert refused(lambda: conditions.parse(condition)) == "condition_traits"


@pytest.mark.parametrize(
    "condition",
    [
        'issuing_state == "UTO" and document_number =~ "L8989.*"',
        '(nationality == "HTI" or sex == "F") and days_to_expiry < 30',
        'issuing_state == "UTO" and not (document_code == "V")',
        'advice == "refer" and direction == "entry"',
    ],
)
def test_a_rule_about_the_document_or_the_journey_is_taken(condition: str) -> None:
    conditions.parse(condition)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("issuing_state ==", "condition_wrong"),
        ('password == "x"', "condition_wrong"),
        ("issuing_state.as_upper == 'UTO'", "condition_not_allowed"),
        ('document_number =~ "(a+)+b"', "condition_not_allowed"),
        ("[x for x in [1, 2]] == [1]", "condition_not_allowed"),
        ('issuing_state == "' + "A" * 3000 + '"', "condition_too_long"),
    ],
)
def test_a_condition_beyond_the_safe_subset_is_refused(condition: str, code: str) -> None:
    assert refused(lambda: conditions.parse(condition)) == code


def a_rule(keeper: Officer, kind: str = "rule", **values: str) -> Rule:
    given = {"name": "Series L89", "condition": 'document_number =~ "L8989.*"', "expires_on": FUTURE} | values
    return services.write_rule(request_id=uuid.uuid4(), officer=keeper, kind=kind, values=given)


def test_a_rule_is_off_until_it_was_tried_and_another_person_switched_it_on(
    keeper: Officer, second: Officer, desk: Officer
) -> None:
    rule = a_rule(keeper)
    assert screened(desk) == []
    assert refused(lambda: services.switch_on(officer=second, rule=rule)) == "rule_untried"
    travellers.inspection(desk, document_number="X1")
    Inspection.objects.update(on=timezone.localdate())
    rule = services.try_rule(officer=keeper, rule=rule, days=30)
    assert {k: rule.tried[k] for k in ("travellers", "stopped", "per_thousand")} == {
        "travellers": 2, "stopped": 1, "per_thousand": 500.0
    }  # fmt: skip
    assert refused(lambda: services.switch_on(officer=keeper, rule=rule)) == "approver_same"
    services.switch_on(officer=second, rule=rule)
    (hit,) = screened(desk)
    assert hit.rule == rule
    assert not hit.sure
    services.switch_off(officer=keeper, rule=rule)
    assert screened(desk) == []
    assert refused(lambda: services.switch_on(officer=second, rule=rule)) == "rule_state"


def test_a_new_version_replaces_the_one_that_was_on(keeper: Officer, second: Officer) -> None:
    first = services.switch_on(officer=second, rule=services.try_rule(officer=second, rule=a_rule(keeper), days=1))
    newer = a_rule(keeper, condition='document_number =~ "L8999.*"')
    assert newer.version == 2
    services.switch_on(officer=second, rule=services.try_rule(officer=second, rule=newer, days=1))
    first.refresh_from_db()
    assert first.state == "ended"


def test_a_bulletin_from_secondary_is_run_on_every_inspection_once_it_is_on(
    keeper: Officer, second: Officer, desk: Officer, signed_in: Callable[[Officer], Client]
) -> None:
    found = travellers.inspection(desk)
    client = signed_in(desk)
    page = client.get(f"/bulletins/from/{found.pk}/")
    proposed = page.context["proposed"]
    assert 'issuing_state == "UTO"' in proposed
    values = {
        "request_id": str(uuid.uuid4()), "name": "UTO L8989", "condition": proposed, "fraud": "stolen_blank",
        "purpose": "border_control", "look_at": "The rosette has seven petals", "expires_on": FUTURE,
    }  # fmt: skip
    assert client.post(f"/bulletins/from/{found.pk}/", values).status_code == 302
    bulletin = Rule.objects.get()
    assert (bulletin.kind, bulletin.inspection, bulletin.state) == ("bulletin", found, "off")
    services.switch_on(officer=second, rule=services.try_rule(officer=keeper, rule=bulletin, days=30))
    path = inspect(client, GENUINE)
    (hit,) = Inspection.objects.get(pk=path.strip("/").split("/")[-1]).hits.all()
    assert hit.rule == bulletin
    assert "seven petals" in client.get(f"/hits/{hit.pk}/").content.decode()


def test_a_bulletin_needs_its_fraud_and_what_to_look_at(keeper: Officer) -> None:
    assert refused(lambda: a_rule(keeper, "bulletin")) == "list_field_missing"
    assert refused(lambda: a_rule(keeper, "bulletin", look_at="x", fraud="bad luck")) == "list_code_unknown"


def test_what_is_not_known_meets_no_condition() -> None:
    assert not conditions.meets("days_to_expiry < 30 and issuing_state == 'UTO'", {"days_to_expiry": None})


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_whole_way_by_pages(
    keeper: Officer, second: Officer, desk: Officer, signed_in: Callable[[Officer], Client]
) -> None:
    author, approver, officer_at_desk = signed_in(keeper), signed_in(second), signed_in(desk)
    made = author.post(
        "/lists/",
        {"name": "Wanted", "subject": "persons", "owner": "Ministry", "legal_basis": "Law 1", "action": "call_owner",
         "expires_on": FUTURE, "purposes": ["wanted"], "handling": ["discreet"], "hours_to_compare": "3"},
    )  # fmt: skip
    assert made.status_code == 302
    proposed = author.post(made["Location"], ANNA | {"request_id": str(uuid.uuid4())})
    assert proposed.status_code == 302
    assert author.post(proposed["Location"], {"step": "approve"}).status_code == 422
    assert approver.post(proposed["Location"], {"step": "approve"}).status_code == 302
    path = inspect(officer_at_desk, GENUINE)
    page = officer_at_desk.get(path).content.decode()
    (hit,) = Hit.objects.all()
    assert f"/hits/{hit.pk}/" in page
    assert "Wanted" not in page  # the traveller may see this screen
    shown = officer_at_desk.get(f"/hits/{hit.pk}/").content.decode()
    assert "Anna Maria ERIKSSON" in shown
    assert "the same date of birth: 1974-08-12" in shown
    assert "Call the owner" in shown
    assert f"/hits/{hit.pk}/" in officer_at_desk.get("/hits/").content.decode()
    moved = officer_at_desk.post(f"/hits/{hit.pk}/move/", {"to": "in_comparison", "request_id": str(uuid.uuid4())})
    assert moved.status_code == 302
    refused_page = officer_at_desk.post(f"/hits/{hit.pk}/move/", {"to": "confirmed", "note": ""})
    assert refused_page.status_code == 422
    done = author.post(
        proposed["Location"], {"step": "redress", "note": "another person", "request_id": str(uuid.uuid4())}
    )
    assert done.status_code == 302
    assert "It reached 1 hits" in author.get(proposed["Location"]).content.decode()


@pytest.mark.parametrize("lang", ["en", "es", "fr", "ht"])
def test_every_page_is_whole_in_every_language(
    lang: str, officer: Callable[..., Officer], signed_in: Callable[[Officer], Client], second: Officer
) -> None:
    keeper = officer(Role.LIST_KEEPER, Role.PRIMARY, Role.SECONDARY, name=f"all-{lang}", language=lang)
    watch_list = a_list(keeper)
    entry = in_force(watch_list, keeper, second)
    brought = bring(keeper, watch_list, "name,born\nRose Dorvil,x\n")
    rule = services.try_rule(officer=keeper, rule=a_rule(keeper), days=3)
    (hit,) = screened(keeper)
    client = signed_in(keeper)
    for path in (
        "/lists/", f"/lists/{watch_list.pk}/", f"/lists/entries/{entry.pk}/", f"/lists/imports/{brought.pk}/",
        "/rules/",
        f"/rules/{rule.pk}/", f"/bulletins/from/{hit.inspection_id}/", "/hits/", f"/hits/{hit.pk}/",
        f"/inspect/{hit.inspection_id}/",
    ):  # fmt: skip
        page = client.get(path)
        assert page.status_code == 200, path
        assert f'lang="{lang}"' in page.content.decode()


def test_reading_and_writing_lists_is_on_the_record(
    keeper: Officer, second: Officer, desk: Officer, signed_in: Callable[[Officer], Client]
) -> None:
    watch_list = a_list(keeper)
    entry = in_force(watch_list, keeper, second)
    client = signed_in(keeper)
    client.get(f"/lists/{watch_list.pk}/")
    client.get(f"/lists/entries/{entry.pk}/")
    (hit,) = screened(desk)
    signed_in(desk).get(f"/hits/{hit.pk}/")
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {
        "list_made", "entry_proposed", "entry_approved", "list_read", "list_entry_read", "screened", "hit_read"
    } <= actions  # fmt: skip
    screening = json.loads(Entry.objects.filter(action="screened").latest("index").body)
    assert "ERIKSSON" not in json.dumps(screening)


# --- data protection --------------------------------------------------------------------------------------------------


def test_an_access_request_holds_what_was_settled_and_no_alert_in_force(
    keeper: Officer, second: Officer, desk: Officer, entry_lane: Lane
) -> None:
    entry = in_force(a_list(keeper, "One"), keeper, second)
    in_force(a_list(keeper, "Other"), keeper, second)
    inspection = travellers.inspection(desk, entry_lane, advice="no_objection")
    hits.screen(inspection)
    for hit in inspection.hits.all():
        step(hit, desk, "in_comparison")
    step(inspection.hits.exclude(entry=entry).get(), desk, "confirmed", "they said so")
    step(inspection.hits.get(entry=entry), desk, "not_same", "no scar")
    services.redress(request_id=uuid.uuid4(), officer=keeper, entry=entry, why="another Anna was meant")
    crossing = decide(
        request_id=uuid.uuid4(), inspection=inspection, officer=desk, lane=entry_lane, outcome="admitted",
        purpose="tourism", means="foot",
    )  # fmt: skip
    data = access_file(crossing.person)
    assert [row["document_number"] for row in data["told_apart"]] == ["L898902C3"]
    assert [row["why"] for row in data["mistakes_put_right"]] == ["another Anna was meant"]
    assert "Other" not in json.dumps(data)


def test_what_a_hit_compared_is_erased_with_its_inspection(keeper: Officer, second: Officer, desk: Officer) -> None:
    in_force(a_list(keeper), keeper, second)
    (hit,) = screened(desk)
    _erase_inspection(hit.inspection)
    hit.refresh_from_db()
    assert hit.found == {}
