"""The sheet: sizes from currents, and turning a circuit upside down."""

from __future__ import annotations

import numpy as np
import pytest

from eda.datasets.generator.opamps import opamp
from eda.datasets.generator.sheet import VDD, VSS, Sheet, flip


def sheet() -> Sheet:
    return Sheet(np.random.default_rng(0), unit_a=10e-6, length_m=1e-6)


def test_a_transistor_is_as_wide_as_its_current_asks() -> None:
    drawn = sheet()
    drawn.mos("n", "d", "g", VSS, i=2, vov=0.2)
    # I = KP/2 W/L Vov^2, with KP = 250 uA/V^2.
    assert drawn.parts[0].values["w"] == pytest.approx(2 * 20e-6 / (250e-6 * 0.04) * 1e-6)
    assert drawn.parts[0].nets == ["d", "g", VSS, VSS]


def test_flipping_exchanges_polarities_rails_and_directions() -> None:
    drawn = sheet()
    drawn.mos("p", "out", "in", VDD)
    drawn.d("out", VSS)
    drawn.i(VDD, "out", 1e-6)
    drawn.port("bias", "vb", volts=0.6, net="in")
    flip(drawn)
    assert [part.nets for part in drawn.parts] == [
        ["out", "in", VSS, VSS],
        [VDD, "out"],
        ["out", VSS],
    ]
    assert drawn.parts[0].polarity == "n"
    assert drawn.ports["in"].volts == pytest.approx(1.2)


def test_flipping_twice_changes_no_connection() -> None:
    drawn = sheet()
    opamp(drawn)
    before = [(part.kind, part.polarity, list(part.nets)) for part in drawn.parts]
    flip(drawn)
    flip(drawn)
    assert [(part.kind, part.polarity, part.nets) for part in drawn.parts] == before


def test_blocks_have_paths_and_rails_of_their_own() -> None:
    drawn = sheet()
    with drawn.block("outer"), drawn.supplied(vdd="local"), drawn.block("inner"):
        drawn.r(drawn.vdd, drawn.vss, 1e3)
    assert drawn.vdd == VDD
    assert drawn.parts[0].nets == ["local", VSS]
    assert [piece.partition("#")[0] for piece in drawn.parts[0].block.split("/")] == [
        *("outer", "inner")
    ]
