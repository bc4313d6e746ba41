"""The tables of ``eda bench schematic``, and the gallery."""

import gzip
import itertools
import json
from pathlib import Path

import pytest

from eda.bench import schematic as bench
from eda.bench.schematic_gallery import full_adder, write_gallery
from eda.circuit import Circuit
from eda.schematic import extract_circuit


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """One hand-drawn and one machine-made stage, and one annotated netlist."""
    folder = tmp_path / "topology" / "analoggenie"
    folder.mkdir(parents=True)
    records = [
        {
            "id": name,
            "ports": ["VDD", "VSS", "VIN1", "VOUT1"],
            "composed": name == "made",
            "digital": False,
            "devices": [
                {
                    "name": "M0",
                    "kind": "NM",
                    "pins": {"D": "VOUT1", "G": "VIN1", "S": "VSS", "B": "VSS"},
                },
                {"name": "R0", "kind": "R", "pins": {"P": "VDD", "N": "VOUT1"}},
            ],
            "erc_fail": [],
            "wl_anybias": name,
        }
        for name in ("drawn", "made")
    ]
    with gzip.open(folder / "train.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(item) + "\n" for item in records)
    netlists = tmp_path / "schematics" / "netlists"
    netlists.mkdir(parents=True)
    (netlists / "lc_ladder5.sp").write_text("* ladder\nL1 in out 1n\nC1 out 0 1p\n")
    return tmp_path


def test_what_is_measured_is_kept(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "kept_folder", lambda: tmp_path / "kept")
    monkeypatch.setattr(bench, "size_table", lambda _seed: bench.by_size("none", []))
    first = bench.run(full=True, data=corpora)
    titles = [table["title"] for table in first["tables"]]
    assert titles == ["none", "Annotated circuits", "Hand-drawn circuits", "Machine-made circuits"]
    for table in first["tables"][2:]:
        row = dict(zip(table["columns"], table["rows"][-1], strict=True))
        assert (row["devices"], row["circuits"], row["overlaps"], row["faults"]) == ("all", 1, 0, 0)

    def never(name: str, circuit: Circuit, seed: int) -> bench.Row:
        raise AssertionError(f"{name} of {len(circuit.devices)} devices was kept, seed {seed}")

    monkeypatch.setattr(bench, "_by_circuit", lambda rows: bench.by_size("annotated", rows))
    real = bench.measured
    monkeypatch.setattr(
        bench,
        "measured",
        lambda *given: real(*given) if given[0] == "lc_ladder5" else never(*given),
    )
    again = bench.run(full=True, data=corpora)
    assert again["tables"][2:] == first["tables"][2:]


def test_time_against_size() -> None:
    assert [len(bench.chain(stages).devices) for stages in (1, 8)] == [5, 40]


def test_pairs_that_are_not_level_are_seen() -> None:
    row = bench.measured("chain", bench.chain(1), 0)
    assert (row.devices, row.overlaps, row.faults, row.level) == (5, 0, 0, True)


def test_the_adder_adds() -> None:
    aig = full_adder()
    for bits in itertools.product((0, 1), repeat=3):
        values = [0, *bits]
        for a, b in aig.fanins.tolist():
            values.append((values[a >> 1] ^ a & 1) & (values[b >> 1] ^ b & 1))
        low, high = (values[at >> 1] ^ at & 1 for at in aig.outputs.tolist())
        assert low + 2 * high == sum(bits)


def test_the_gallery_is_a_page_with_true_pictures(corpora: Path, tmp_path: Path) -> None:
    page, *pictures = write_gallery(tmp_path / "out", corpora / "schematics" / "netlists")
    text = page.read_text("utf-8")
    assert [path for path in pictures if f"(pictures/{path.name})" not in text] == []
    names = {path.name for path in pictures}
    assert {"draw_lc_ladder5.svg", "draw_hierarchy.slice.svg", "draw_adder.svg"} <= names
    for path in pictures:
        assert extract_circuit(path.read_text("utf-8")).problems == [], path.name
