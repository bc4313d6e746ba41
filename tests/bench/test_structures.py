"""eda bench structures: what its tables say of small circuits whose answers are known."""

import json
from pathlib import Path

import pytest

from eda.bench.structures import agreement_table, recall_tables, share_table
from eda.datasets.records import CorpusCircuit
from eda.errors import DatasetError
from eda.spice import parse_netlist

PAIR = (
    "* pair\n.subckt pair vip vin a b vb vdd vss\nM1 a vip t vss nch\nM2 b vin t vss nch\n"
    "M3 t vb vss vss nch\nM4 a a vdd vdd pch\nM5 b a vdd vdd pch\n.ends\n"
    ".model nch nmos\n.model pch pmos\n"
)


def _folder(path: Path, notes: object) -> Path:
    (path / "pair.sp").write_text(PAIR)
    (path / "structures.json").write_text(json.dumps({"pair": notes}))
    return path


def test_recall_counts_what_is_annotated_and_lists_the_rest(tmp_path: Path) -> None:
    notes = {
        "structures": [
            {"type": "diff_pair", "devices": ["M1", "M2"]},
            {"type": "latch", "devices": ["M4", "M5"]},
        ],
        "symmetric": [["M1", "M2"]],
    }
    recall, extra = recall_tables(_folder(tmp_path, notes))
    assert recall.rows == (("pair", 2, 1, 1, 1, 5, 1), ("all", 2, 1, 1, 1, 5, 1))
    assert [row[0] for row in extra.rows] == [
        "current_mirror/simple",
        "current_source/single",
        "diode_connected/transistor",
        "mirror_loaded_pair/simple",
        "tail/transistor",
    ]
    assert extra.rows[0][2] == "pair: M4 M5"


def test_annotations_of_another_form_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="not annotated netlists"):
        list(recall_tables(_folder(tmp_path, {"blocks": []})))


def test_shares_and_agreement() -> None:
    circuit = CorpusCircuit(
        "x/1", "analoggenie", parse_netlist(PAIR).flatten(), "g", category="Opamp"
    )
    (row,) = share_table([circuit]).rows
    assert row[:4] == ("Opamp", 1, "100%", "100%")
    rows = {row[0]: row[1:] for row in agreement_table([circuit], full=True, seed=0).rows}
    assert rows["diff_pair"] == (2, 0)
    assert rows["all"][1] == 0
