"""The engine against plain ``ngspice -b`` on ngspice's own decks: the same numbers."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from eda.bench.ngspice_oracle import copy_deck
from eda.circuit import Circuit
from eda.spice import Waveforms, analyses_of, read_netlist, read_raw, simulate

DECKS = (
    *("bsim1/test.cir", "bsim3soidd/inv2.cir", "bsim3soipd/RampVg2.cir", "filters/lowpass.cir"),
    *("general/rca3040.cir", "general/rtlinv.cir", "hfet/id_vgs.cir", "mos6/simpleinv.cir"),
    *("resistance/res_array.cir", "transmission/ltra2_2_line.cir", "vbic/temp.cir"),
    "vbic/noise_scale_test.cir",
)
RELATIVE = 1e-6


@pytest.fixture(scope="module")
def ngspice() -> str:
    program = shutil.which("ngspice")
    if program is None:
        pytest.skip("ngspice is not installed")
    return program


def plain(circuit: Circuit, program: str, folder: Path) -> list[Waveforms]:
    """What the deck's own text gives, without us."""
    deck = copy_deck(circuit, folder, [])
    subprocess.run(
        [program, "-b", "-r", "out.raw", deck.name],
        cwd=deck.parent,
        env={**os.environ, "OMP_THREAD_LIMIT": "1", "HOME": str(folder)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    plots = [plot.waveforms for plot in read_raw(deck.parent / "out.raw")]
    return [item for item in plots if item.axis_name or "onoise_total" not in item]


@pytest.mark.parametrize("name", DECKS)
def test_the_same_numbers(name: str, ngspice: str, data: Path, tmp_path: Path) -> None:
    path = data / "spice" / "ngspice" / "tests" / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    circuit = read_netlist(path)
    theirs = plain(circuit, ngspice, tmp_path)
    result = simulate(circuit, *analyses_of(circuit), cache=False)
    assert result.ok, result.log
    assert len(result.waveforms) == len(theirs)
    for ours in result.waveforms:
        same = [item for item in theirs if item.axis_name == ours.axis_name]
        assert any(_difference(ours, item) < RELATIVE for item in same), [
            _difference(ours, item) for item in same
        ]


def _difference(ours: Waveforms, theirs: Waveforms) -> float:
    """The largest difference of any value, relative to the largest of its waveform."""
    if len(ours.axis) != len(theirs.axis) or not theirs.arrays:
        return float("inf")
    largest = 0.0
    for name, values in theirs.arrays.items():
        if name not in ours:
            return float("inf")
        scale = np.abs(values).max() + 1e-9
        largest = max(largest, float(np.abs(ours[name].values - values).max() / scale))
    return largest
