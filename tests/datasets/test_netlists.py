"""Folders of netlists as corpora: what counts as a circuit, and what resembles what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eda.datasets import read_netlists
from eda.datasets.netlists import MAX_DEVICES, file_circuits
from eda.errors import DatasetError

CELL = """
.subckt {name} a b y vdd vss
M1 y a vdd vdd pch
M2 y b vdd vdd pch
M3 y a m vss nch
{last} m b vss vss nch
.ends
"""
LADDER = "* ladder\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\nC1 b 0 1p\n.end\n"


def test_a_library_holds_one_circuit_per_cell_and_strengths_are_alike(tmp_path: Path) -> None:
    text = "* cells\n" + "".join(
        CELL.format(name=f"lib__nand2_{strength}", last="M4") + f"* {strength}\n"
        for strength in (1, 2)
    )
    text += ".subckt lib__buf_1 a y vdd vss\n"
    text += "".join(
        f"M{at}n {out} {into} vss vss nch\nM{at}p {out} {into} vdd vdd pch\n"
        for at, (into, out) in enumerate((("a", "m"), ("m", "y")))
    )
    (tmp_path / "cells.spice").write_text(text + ".ends\n")
    found = list(read_netlists(tmp_path, corpus="sky130_cells"))
    # The two gates are the same circuit: one of them is enough.
    assert [item.name for item in found] == [
        "sky130_cells/cells.spice:lib__nand2_1",
        "sky130_cells/cells.spice:lib__buf_1",
    ]
    assert [item.group for item in found] == ["sky130_cells:nand2", "sky130_cells:buf"]
    assert found[0].circuit.ports == ("a", "b", "y", "vdd", "vss")


def test_a_deck_is_taken_flat_and_its_folder_is_what_it_resembles(tmp_path: Path) -> None:
    (tmp_path / "gates").mkdir()
    deck = "* deck\n" + CELL.format(name="nand", last="M4") + "X1 i j k v 0 nand\nVS v 0 1\n.end\n"
    (tmp_path / "gates" / "one.cir").write_text(deck)
    (tmp_path / "gates" / "ladder.sp").write_text(LADDER)
    found = {item.name: item for item in read_netlists(tmp_path, corpus="ngspice")}
    assert set(found) == {"ngspice/gates/one.cir", "ngspice/gates/ladder.sp"}
    assert {item.group for item in found.values()} == {"ngspice:gates"}
    kinds = [device.kind for device in found["ngspice/gates/one.cir"].circuit.devices]
    assert sorted(kinds) == ["mosfet"] * 4 + ["vsource"]


def test_what_is_too_large_comes_in_parts(tmp_path: Path) -> None:
    deck = tmp_path / "large.cir"
    cells = CELL.format(name="nand", last="M4")
    rows = "\n".join(f"X{at} i j k{at} v 0 nand" for at in range(MAX_DEVICES))
    deck.write_text(f"* large\n{cells}{rows}\nVS v 0 1\n.end\n")
    (circuit,) = file_circuits(deck)
    assert (circuit.name, len(circuit.devices)) == ("nand", 4)


def test_circles_and_damage_are_left_out(tmp_path: Path) -> None:
    circle = tmp_path / "circle.cir"
    circle.write_text(
        "* circle\n.subckt a x\nX1 x b\nR1 x 0 1\n.ends\n"
        ".subckt b x\nX1 x a\nR1 x 0 1\n.ends\nX1 y a\nR1 y 0 1\nR2 y 0 1\n.end\n"
    )
    assert list(file_circuits(circle)) == []
    damaged = tmp_path / "damaged.cir"
    damaged.write_text("* damaged\nR1 a\nR2 a b 1\nR3 a b 1\nR4 a b 1\n.end\n")
    assert list(file_circuits(damaged)) == []


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    text = f"{tmp_path}: 0 netlists there; set EDA_DATA to the folder of the corpora, "
    with pytest.raises(DatasetError, match=re.escape(text)):
        list(read_netlists(tmp_path, corpus="ngspice"))
