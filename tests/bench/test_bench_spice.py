"""The pieces of `eda bench spice`: what counts as a netlist, generated decks, and its refusals."""

from pathlib import Path

import pytest

from eda.bench.spice import run
from eda.bench.spice_files import every_file_table, is_netlist, reading_tables
from eda.bench.spice_ngspice import sample_of
from eda.bench.spice_speed import flat_deck, generated_deck, measured
from eda.errors import DatasetError
from eda.spice import parse_netlist


def test_without_corpora_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDA_DATA", raising=False)
    for data in (None, tmp_path):
        with pytest.raises(DatasetError) as caught:
            run(data=data)
        assert str(caught.value) == (
            "this bench reads the corpora; set EDA_DATA to their folder, the one that holds spice/"
        )


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.sp", "* t\nR1 a 0 1k\n", True),
        ("models.lib", ".model n nmos\n", True),
        ("cds.lib", "# libraries\nDEFINE basic $CDS/basic\nINCLUDE other.lib\n", False),
        ("LICENSE", "text\n", False),
        ("notes.md", "text\n", False),
        ("tool.py", "text\n", False),
    ],
)
def test_what_counts_as_a_netlist(name: str, text: str, wanted: bool, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert is_netlist(path) is wanted


def corpora(folder: Path) -> Path:
    for corpus in ("align", "ngspice"):
        (folder / "spice" / corpus).mkdir(parents=True)
        (folder / "spice" / corpus / "LICENSE").write_text("free\n")
        for i in range(3):
            (folder / "spice" / corpus / f"{i}.sp").write_text("* t\nR1 a 0 1k\n")
    (folder / "spice/align/bad.sp").write_text("* t\nR1 a 0 1k\nR2 a\n")
    (folder / "spice/align/x.scs").write_text("simulator lang=spectre\nR1 (a 0) resistor r=1k\n")
    return folder


def test_reading_tables(tmp_path: Path) -> None:
    read, refused = reading_tables(corpora(tmp_path), lambda _text: None)
    rows = {row[0]: row[1:] for row in read.rows}
    assert rows["align"] == (5, 4, 1, 80.0, 1)
    assert rows["ngspice"] == (3, 3, 0, 100.0, 1)
    assert rows["all"] == (8, 7, 1, 87.5, 2)
    assert [row[:3] for row in refused.rows] == [("align", "bad.sp", "3:1 too few nets on R2")]


def test_every_file(tmp_path: Path) -> None:
    folder = corpora(tmp_path)
    (folder / "spice/picture.bin").write_bytes(bytes(range(256)))
    table = every_file_table(folder, lambda _text: None)
    assert table.rows[-1][0] == "all"
    assert table.rows[-1][-2:] == (0, 0)


def test_samples_are_chosen_by_seed(tmp_path: Path) -> None:
    for i in range(300):
        (tmp_path / f"{i}.sp").write_text("* t\n")
    assert len(sample_of(tmp_path, full=True, seed=0)) == 300
    assert len(sample_of(tmp_path, full=False, seed=0)) == 120
    assert sample_of(tmp_path, full=False, seed=0) == sample_of(tmp_path, full=False, seed=0)
    assert sample_of(tmp_path, full=False, seed=0) != sample_of(tmp_path, full=False, seed=1)


@pytest.mark.parametrize("devices", [100, 1003])
def test_generated_decks_have_the_devices_they_say(devices: int) -> None:
    assert len(parse_netlist(generated_deck(devices)).flatten().devices) == devices
    assert len(parse_netlist(flat_deck(devices)).devices) == devices


def test_a_deck_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.sp"
    path.write_text(generated_deck(500))
    figures = measured(path, times=1)
    assert figures["devices"] == 500
    assert figures["peak"] > 10
