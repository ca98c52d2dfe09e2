"""The repository keeps its own promises: the page on architecture, the locks, the weight of the core."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def rooms() -> set[str]:
    return {p.name for p in (ROOT / "src" / "fanal").iterdir() if (p / "__init__.py").exists()}


def contract_layers() -> list[set[str]]:
    (contract,) = (c for c in PYPROJECT["tool"]["importlinter"]["contracts"] if c["id"] == "rooms")
    return [set(re.split(r"\s*[|:]\s*", layer)) for layer in contract["layers"]]


def test_the_architecture_page_names_the_levels_of_the_import_contract() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    rows = re.findall(r"^\| \d+ \| (.*) \|$", page, re.MULTILINE)
    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == contract_layers()


def test_the_architecture_page_says_what_every_room_is() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    assert set(re.findall(r"^- `(\w+)`: ", page, re.MULTILINE)) == rooms()


def test_every_room_is_under_the_import_contract() -> None:
    assert set().union(*contract_layers()) == rooms()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_with_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert len(requirements) > 10
    for requirement in requirements:
        assert re.match(r"^[A-Za-z0-9._-]+(\[[a-z,-]+\])?==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement


def test_the_core_depends_on_nothing() -> None:
    assert PYPROJECT["project"]["dependencies"] == []


@pytest.mark.parametrize("module", ["fanal.documents", "fanal.documents.mrz", "fanal.inspection", "fanal.cli"])
def test_the_core_imports_only_the_standard_library(module: str) -> None:
    """Django, OpenCV and onnxruntime weigh seconds and megabytes: a core that pulls them is not light."""
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        f"import {module}\n"
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names))\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["fanal"]


def test_the_command_starts_without_any_extra() -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from fanal.cli.main import parser\n"
        "parser()\n"
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names))\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["fanal"]


def test_no_page_names_a_path_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".md", ".toml", ".py", ".lock", ".txt", ".json"} and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"/(home|root|work|Users)/\w", text), name
