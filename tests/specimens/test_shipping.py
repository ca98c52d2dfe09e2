"""The specimens in the package are those that the code makes, byte for byte."""

from pathlib import Path

from fanal.specimens import shipped, write_shipped
from fanal.specimens.shipping import FOLDER


def test_the_shipped_files_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    made = {path.name: path.read_bytes() for path in write_shipped(tmp_path)}
    kept = {path.name: path.read_bytes() for path in FOLDER.iterdir()}

    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


def test_the_manifest_leads_to_pictures_and_truth() -> None:
    for specimen in shipped():
        assert specimen.pictures
        assert [path.name for path in specimen.pictures] == [picture["file"] for picture in specimen.truth["pictures"]]


def test_genuine_ones_come_first_and_there_are_six_kinds_of_forgery_or_more() -> None:
    kinds = [specimen.truth["forgery"] for specimen in shipped()]

    assert kinds == sorted(kinds, key=lambda kind: kind is not None)
    assert len({kind["kind"] for kind in kinds if kind}) >= 6
