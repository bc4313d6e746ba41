"""draw_aig: the picture read back is the graph, complements are circles, much is a profile."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eda
from eda.aig import Aig
from eda.schematic import Drawing, draw_aig, extract_circuit
from eda.schematic.logic import MOST_ANDS


def made(**values: Any) -> Aig:
    """Return the AIG of plain values."""
    return Aig.from_dict(values)


def random_aig(seed: int, ands: int, *, latches: int = 0) -> Aig:
    """ANDs of literals that were there before, with outputs on any literal."""
    random = np.random.default_rng(seed)
    inputs = 4
    fanins = [
        random.integers(0, 2 * (1 + inputs + latches + at), size=2).tolist() for at in range(ands)
    ]
    most = 2 * (1 + inputs + latches + ands)
    return made(
        num_inputs=inputs,
        fanins=fanins,
        outputs=random.integers(0, most, size=3).tolist(),
        next_states=random.integers(0, most, size=latches).tolist(),
    )


def read_back(drawing: Drawing) -> dict[str, Counter[tuple[str, str]]]:
    """Return what the geometry of a picture joins."""
    found = extract_circuit(drawing.svg())
    assert found.problems == []
    return {name: Counter(pins) for name, pins in found.nets.items()}


def wanted(aig: Aig) -> dict[str, Counter[tuple[str, str]]]:
    """Return what the arrays join, in the names of the picture."""
    names = ["const0", *(f"i{at}" for at in range(aig.num_inputs))]
    names += [f"l{at}" for at in range(aig.num_latches)]
    names += [f"n{aig.first_and + at}" for at in range(aig.num_ands)]
    nets = {name: Counter({(name, "y"): 1}) for name in names}
    for at, fanins in enumerate(aig.fanins.tolist()):
        for pin, literal in zip("ab", fanins, strict=True):
            nets[names[literal >> 1]][f"n{aig.first_and + at}", pin] += 1
    for kind, roots in (("outputs", aig.outputs), ("next_states", aig.next_states)):
        for at, literal in enumerate(roots.tolist()):
            nets[names[literal >> 1]][f"{kind}.{at}", "a"] += 1
    if len(nets["const0"]) == 1:
        del nets["const0"]
    return nets


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(0, 25), st.integers(0, 2))
def test_the_picture_is_the_graph(seed: int, ands: int, latches: int) -> None:
    aig = random_aig(seed, ands, latches=latches)
    drawing = draw_aig(aig)
    assert read_back(drawing) == wanted(aig)
    assert drawing.measures[0].overlaps == 0


def test_complements_are_circles() -> None:
    aig = random_aig(3, 12)
    circles = sum(
        stroke.close and len(stroke.points) == 24
        for item in draw_aig(aig).sheets[0].placed
        for stroke in item.symbol.strokes
    )
    assert circles == int((aig.fanins & 1).sum() + (aig.roots & 1).sum()) > 0


def test_levels_run_to_the_right() -> None:
    aig = random_aig(5, 20)
    x = {item.device.name: item.x for item in draw_aig(aig).sheets[0].placed}
    for at in range(aig.num_ands):
        for other in range(aig.num_ands):
            a, b = aig.levels[aig.first_and + at], aig.levels[aig.first_and + other]
            own, its = x[f"n{aig.first_and + at}"], x[f"n{aig.first_and + other}"]
            assert (a < b) == (own < its)
    assert x["outputs.0"] == max(x.values())


def test_names_and_states_are_written() -> None:
    aig = made(
        num_inputs=1,
        fanins=[[4, 2]],
        outputs=[6],
        next_states=[7],
        bad=[3],
        input_names=("<enable>",),
        latch_names=("state",),
        output_names=("busy",),
    )
    svg = eda.draw(aig).svg()
    for text in ("&lt;enable&gt;", ">state<", ">state&#x27;<", ">busy<", ">bad: b0<"):
        assert text in svg


def test_much_is_a_profile() -> None:
    aig = random_aig(1, MOST_ANDS + 1)
    drawing = draw_aig(aig, name="large")
    (sheet,) = drawing.sheets
    levels = Counter(aig.levels[aig.first_and :].tolist())
    bars = [item.symbol.texts[1].text for item in sheet.placed]
    assert sum(int(text) for text in bars) == aig.num_ands == sum(levels.values())
    assert sheet.notes[0].endswith(
        f"{aig.num_ands:,} ANDs, 3 outputs, {aig.depth:,} levels: ANDs by level"
    )
    assert drawing.measures[0].overlaps == 0


def test_nothing_is_an_empty_sheet() -> None:
    assert draw_aig(Aig(0)).svg().startswith("<svg")


def test_a_constant_output() -> None:
    assert read_back(draw_aig(made(num_inputs=0, outputs=[1])))["const0"] == Counter(
        {("const0", "y"): 1, ("outputs.0", "a"): 1}
    )


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_files(suffix: str, tmp_path: Path) -> None:
    assert draw_aig(random_aig(2, 9)).write(tmp_path / f"a.{suffix}")[0].stat().st_size > 1000
