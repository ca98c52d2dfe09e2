import itertools
import json
from pathlib import Path
from types import TracebackType

import pytest

from fanal.chip import pcsc
from fanal.chip.errors import ReaderError
from fanal.cli import specimen_chip
from fanal.cli.main import main
from fanal.specimens.chip import Fault, SimulatedChip, SpecimenChip, certificates, make_chip

Capture = pytest.CaptureFixture[str]


class Reader:
    """A PC/SC reader with a simulated chip on it."""

    chip: SpecimenChip

    def __init__(self, name: str | None = None, *, seconds: float = 10.0) -> None:
        if name is not None and name != "Virtual":
            raise ReaderError("no_reader", f"no reader with {name!r} in its name")
        self.transmit = SimulatedChip(self.chip).transmit

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, t: TracebackType | None) -> None:
        return None


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> SpecimenChip:
    monkeypatch.setattr(Reader, "chip", make_chip(51), raising=False)
    monkeypatch.setattr(pcsc, "PcscCard", Reader)
    return Reader.chip


@pytest.fixture
def mrz(tmp_path: Path, chip: SpecimenChip) -> str:
    path = tmp_path / "mrz.txt"
    path.write_text("\n".join(chip.document.lines))
    return str(path)


def test_a_chip_is_read_verified_and_inspected(tmp_path: Path, chip: SpecimenChip, mrz: str, capsys: Capture) -> None:
    out, trust = tmp_path / "out", str(tmp_path / "trust")
    assert main(["chip", "read", "--mrz", mrz, "--reader", "Virtual", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "opened with PACE" in said.out
    assert "active_authentication: passed" in said.out
    assert "DG2" in said.err
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.name != "reading.json"} == dict(chip.files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (out, *out.iterdir()))

    for name, content in certificates(chip.document).items():
        (tmp_path / name).write_bytes(content)
    brought = [str(tmp_path / name) for name in certificates(chip.document)]
    assert main(["trust", "import", *brought, "--trust", trust]) == 0
    capsys.readouterr()
    assert main(["chip", "verify", str(out), "--trust", trust, "--on", "2026-11-24", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {step["outcome"] for step in answer["steps"]} == {"passed"}
    assert main(["inspect", mrz, str(out), "--trust", trust, "--on", "2026-11-24", "--json"]) == 0
    findings = {f["check"]: f["outcome"] for f in json.loads(capsys.readouterr().out)["findings"]}
    assert {findings[f"chip.{name}"] for name in ("read", "access", "path", "protected_against_cloning")} == {"passed"}
    assert findings["agreement.document_number"] == "passed"


def test_a_card_access_number_opens_a_chip_as_well(tmp_path: Path, chip: SpecimenChip) -> None:
    assert main(["chip", "read", "--can", chip.can, "--out", str(tmp_path / "out")]) == 0


def test_a_wrong_password_is_said_and_leaves_its_record(tmp_path: Path, chip: SpecimenChip, capsys: Capture) -> None:
    assert main(["chip", "read", "--can", "000000", "--out", str(tmp_path / "out")]) == 3
    assert "did not accept" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["reading.json"]


@pytest.mark.usefixtures("chip")
def test_a_transcript_is_replayed_without_the_holders_files(tmp_path: Path, mrz: str, capsys: Capture) -> None:
    saved = str(tmp_path / "transcript.json")
    assert main(["chip", "read", "--mrz", mrz, "--out", str(tmp_path / "one"), "--transcript", saved]) == 0
    first = capsys.readouterr().out
    assert main(["chip", "read", "--replay", saved, "--out", str(tmp_path / "two")]) == 0
    again = capsys.readouterr().out
    assert first.splitlines()[:-1] == again.splitlines()[:-1]
    names = {path.name for path in (tmp_path / "two").iterdir()}
    assert {"EF.SOD", "DG14", "DG15"} <= names
    assert not {"DG1", "DG2", "DG11", "DG12"} & names


@pytest.mark.usefixtures("chip")
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--out", "{out}"], 2, "give --mrz FILE or --can N"),
        (["--can", "12", "--out", "{out}"], 4, "six digits"),
        (["--mrz", "{out}/none", "--out", "{out}"], 4, "No such file"),
        (["--can", "123456", "--out", "{full}"], 4, "not empty"),
        (["--can", "123456", "--out", "{out}", "--reader", "x"], 4, "no reader with 'x'"),
        (["--replay", "{full}/file", "--out", "{out}"], 4, ""),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], status: int, said: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("{}")
    places = {"out": str(tmp_path / "out"), "full": str(tmp_path / "full")}
    assert main(["chip", "read", *(one.format(**places) for one in arguments)]) == status
    assert said in capsys.readouterr().err


def test_a_file_without_mrz_is_said(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "text").write_text("nothing of the kind")
    assert main(["chip", "read", "--mrz", str(tmp_path / "text"), "--out", str(tmp_path / "out")]) == 4
    assert "no MRZ" in capsys.readouterr().err


@pytest.mark.parametrize("fault", [Fault.CLONED, Fault.HUGE_LENGTH, Fault.REMOVED])
def test_a_chip_that_misbehaves_leaves_what_was_read(
    fault: Fault, tmp_path: Path, chip: SpecimenChip, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    faulty = make_chip(51, fault=fault)
    monkeypatch.setattr(Reader, "chip", faulty)
    assert main(["chip", "read", "--can", faulty.can, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert ("failed" if fault is Fault.CLONED else "note: ") in said
    assert (tmp_path / "out" / "EF.SOD").read_bytes() == chip.files["EF.SOD"]


def test_the_faults_that_the_command_offers_are_those_of_chips() -> None:
    assert tuple(fault.value for fault in Fault) == specimen_chip.FAULTS


def test_specimens_come_with_chip_and_seal(tmp_path: Path, capsys: Capture) -> None:
    pytest.importorskip("zxingcpp")
    make = ["specimen", "make", "--format", "td2", "--chip", "--seal", "--out"]
    for folder in ("one", "two"):
        assert main([*make, str(tmp_path / folder)]) == 0
    files = [{p.relative_to(tmp_path / f): p.read_bytes() for p in (tmp_path / f).rglob("*") if p.is_file()}
             for f in ("one", "two")]  # fmt: skip
    assert files[0] == files[1]
    truth = json.loads(files[0][Path("td2-000000.json")])
    assert truth["seal"]["profile"] == "emergency_travel_document"
    assert truth["chip"]["fault"] is None
    one, trust = str(tmp_path / "one"), str(tmp_path / "trust")
    certs = list(itertools.chain.from_iterable((tmp_path / "one").glob(p) for p in ("utopia*.cer", "utopia.crl")))
    assert main(["trust", "import", *map(str, certs), "--trust", trust]) == 0
    capsys.readouterr()
    assert main(["seal", "read", f"{one}/td2-000000-seal.png", "--trust", trust, "--on", "2026-11-24", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["signature"]["outcome"] == "held"
    assert main(["chip", "verify", f"{one}/td2-000000-chip", "--trust", trust, "--on", "2026-11-24", "--json"]) == 0
    assert {step["outcome"] for step in json.loads(capsys.readouterr().out)["steps"]} == {"passed"}


def test_the_seals_that_can_be_made_are_listed(tmp_path: Path, capsys: Capture) -> None:
    assert main(["specimen", "make", "--format", "td1", "--seal", "list", "--out", str(tmp_path / "out")]) == 0
    assert {"visa", "residence_permit", "vds_nc"} <= set(capsys.readouterr().out.split())


def test_a_visa_has_no_chip(tmp_path: Path, capsys: Capture) -> None:
    assert main(["specimen", "make", "--format", "mrv_a", "--chip", "--out", str(tmp_path / "out")]) == 2
    assert "no chip" in capsys.readouterr().err
