"""The list of States: complete by ISO 3166-1 and Doc 9303-3 section 5, in four languages, without doubles."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from datetime import date
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents import states
from fanal.documents.states import StateKind, all_states, find_by_iso2, find_intended, find_state, state_name


def codes(text: str) -> list[str]:
    return text.split()


# ISO 3166-1 alpha-3, the 249 officially assigned codes.
ISO_3166_1 = codes("""
ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR
BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP
CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB
GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN
KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD
MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN
PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM
SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR
UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
""")

# ICAO Doc 9303-3 (8th edition), section 5, beyond ISO 3166-1.
DOC_9303_OWN = codes("""
D EUE GBD GBN GBO GBP GBS UNO UNA UNK XBA XIM XCC XCE XCO XEC XES XMP XOM XPO XDC XXA XXB XXC XXX UTO IAO
""")

# ISO 3166-3, and the former Romanian code.
FORMER = codes("""
AFI ANT ATB ATN BUR BYS CSK CTE DDR DHY FXX GEL HVO JTN MID NHB NTZ PCI PCZ PUS RHO ROM SCG SKM SUN TMP VDR WAK YMD YUG
ZAR
""")


def test_every_code_of_iso_3166_1_is_there() -> None:
    assert len(ISO_3166_1) == 249
    assert [code for code in ISO_3166_1 if find_state(code) is None] == []


def test_every_code_of_doc_9303_and_every_former_code_is_there() -> None:
    assert [code for code in [*DOC_9303_OWN, "RKS", "XCT"] if find_state(code) is None] == []
    assert {s.code for s in all_states() if s.kind is StateKind.FORMER} == set(FORMER)


def test_there_is_nothing_else_in_the_list() -> None:
    assert {s.code for s in all_states()} == set(ISO_3166_1 + DOC_9303_OWN + FORMER + ["RKS", "XCT", "XKX"])


def test_no_code_stands_twice_in_the_file() -> None:
    text = resources.files("fanal.documents").joinpath("data/states.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert [code for code, n in Counter(row["code"] for row in rows).items() if n > 1] == []
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize("lang", states.LANGUAGES)
def test_every_state_has_a_name_of_its_own_in_every_language(lang: str) -> None:
    current = [s for s in all_states() if s.kind is not StateKind.FORMER and not s.successors]
    names = [s.names[lang] for s in current]
    assert all(name.strip() == name and name for name in names)
    assert [name for name, n in Counter(names).items() if n > 1] == []


def test_the_five_states_and_their_neighbours_have_their_creole_names() -> None:
    names = {code: state_name(code, "ht") for code in ("BHS", "DOM", "HTI", "JAM", "TCA", "USA", "CAN", "FRA", "D<<")}
    assert names == {
        "BHS": "Bahamas",
        "DOM": "Repiblik Dominikèn",
        "HTI": "Ayiti",
        "JAM": "Jamayik",
        "TCA": "Zile Tirk ak Kayk",
        "USA": "Etazini",
        "CAN": "Kanada",
        "FRA": "Lafrans",
        "D<<": "Almay",
    }


def test_an_unknown_language_gets_the_english_name_and_an_unknown_code_itself() -> None:
    assert state_name("HTI", "de") == "Haiti"
    assert state_name("QQQ", "fr") == "QQQ"
    assert find_state("") is None


def test_fillers_and_small_letters_do_not_matter() -> None:
    assert find_state("D<<") is find_state("D") is find_state(" d ")


def test_former_codes_say_until_when_and_what_came_after() -> None:
    for state in all_states():
        if state.kind is StateKind.FORMER:
            assert state.valid_until is not None
            assert state.successors
            assert all(find_state(code) is not None for code in state.successors)
        else:
            assert state.valid_until is None
    zaire = find_state("ZAR")
    assert zaire is not None
    assert zaire.successors == ("COD",)
    assert zaire.in_use(date(1997, 7, 14))
    assert not zaire.in_use(date(1997, 7, 15))
    south_sudan = find_state("SSD")
    assert south_sudan is not None
    assert not south_sudan.in_use(date(2011, 8, 8))


def test_a_class_of_persons_issues_nothing_and_a_persons_nationality_is_not_a_department() -> None:
    for code in ("XXA", "XXB", "XXC", "XXX", "GBN", "GBO", "GBP", "GBS"):
        state = find_state(code)
        assert state is not None
        assert state.may_be_nationality
        assert not state.may_issue
    for code in ("UNO", "EUE", "XOM", "XCC"):
        state = find_state(code)
        assert state is not None
        assert state.may_issue
        assert not state.may_be_nationality
    for code in ("MTQ", "GLP", "PRI", "ATA", "DEU", "IAO"):
        state = find_state(code)
        assert state is not None
        assert not state.may_be_nationality
        assert not state.may_issue


def test_what_was_meant_by_a_code_that_is_not_used() -> None:
    def intended(code: str) -> str | None:
        state = find_intended(code)
        return None if state is None else state.code

    assert intended("DEU") == intended("BDR") == intended("GER") == "D"
    assert intended("HAI") == "HTI"
    assert intended("BAH") == "BHS"
    assert intended("XKX") == "RKS"
    assert intended("HTI") is None
    assert intended("ROM") is None  # former, not wrong
    assert intended("QQQ") is None


def test_every_misprint_belongs_to_no_state_and_leads_to_one() -> None:
    for wrong, right in states._MISPRINTS.items():
        assert find_state(wrong) is None, wrong
        assert find_state(right) is not None, right


def test_two_letter_codes_lead_to_the_code_used_in_documents() -> None:
    def by_iso2(code: str) -> str | None:
        state = find_by_iso2(code)
        return None if state is None else state.code

    assert [by_iso2(code) for code in ("de", "GB", "HT", "EU", "UN", "XK", "SU", "ZZ")] == [
        "D", "GBR", "HTI", "EUE", "UNO", "RKS", None, None,
    ]  # fmt: skip
    for state in all_states():
        if state.kind is StateKind.STATE and not state.successors:
            assert state.iso2 is not None
            assert find_by_iso2(state.iso2) is state


def test_the_list_is_not_read_at_import() -> None:
    code = (
        "import sys; from fanal.documents import states; "
        "assert states._load.cache_info().currsize == 0; assert 'csv' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(st.text(max_size=10))
def test_any_text_is_a_code_or_is_not(text: str) -> None:
    state = find_state(text)
    assert state is None or state.code == states.normalise_code(text)
