"""What a circuit costs when it is mapped: LUTs, Liberty cells, and the five gates."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.aig import AigBuilder, truth_tables
from eda.errors import InputError, ToolNotFoundError
from eda.logic.abc import OFF
from eda.logic.five_gates import Gate, Gates, _mapped, find_xors, map_gates
from eda.logic.generate import random_circuit
from eda.logic.mapping import map_liberty, map_luts

CELLS = Path(__file__).with_name("cells.lib")
needs_abc = pytest.mark.skipif(
    shutil.which("berkeley-abc") is None, reason="berkeley-abc is not installed"
)


def _parity(inputs: int) -> AigBuilder:
    made = AigBuilder(inputs)
    made.output(made.xor_all(made.inputs))
    return made


@needs_abc
def test_luts_and_cells() -> None:
    aig = _parity(6).build()
    assert map_luts(aig) == (1.0, 1.0)
    found = map_liberty(aig, CELLS)
    assert found is not None
    area, delay = found
    # Five XORs, of three cells of 2 or 3 at least each.
    assert 30 <= area <= 80
    assert delay > 0


@needs_abc
def test_a_library_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.lib"
    with pytest.raises(InputError, match=r"x\.lib: cannot be read: No such file or directory$"):
        map_liberty(_parity(2).build(), path)
    path.write_text("nothing of a library")
    with pytest.raises(InputError, match=r"x\.lib: ABC could not map to these cells"):
        map_liberty(_parity(2).build(), path)


def test_without_abc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OFF, "1")
    assert map_luts(_parity(3).build()) is None
    with pytest.raises(ToolNotFoundError, match="--liberty needs ABC"):
        map_liberty(_parity(3).build(), CELLS)


@settings(max_examples=25)
@given(st.integers(0, 1 << 30))
def test_five_gates_compute_the_same(seed: int) -> None:
    import random

    rng = random.Random(seed)
    aig = random_circuit(5, 2, rng, gates=20)
    made = _mapped(aig, rng)
    assert np.array_equal(truth_tables(made.to_aig()), truth_tables(aig))
    assert {gate.kind for gate in made.gates} <= {"not", "and", "nand", "or", "xor"}
    assert made.cost == len(made.gates) + made.delay


def test_cost_of_a_full_adder() -> None:
    made = AigBuilder(3)
    a, b, c = made.inputs
    half = made.xor(a, b)
    made.output(made.xor(half, c))
    made.output(made.or_(made.and_(a, b), made.and_(half, c)))
    aig = made.build()
    assert len(find_xors(aig)) == 2
    found = map_gates(aig, seconds=0.3)
    # Five gates on three levels are known to be enough; people's best quarter is at 15.
    assert 11 <= found.cost <= 15


def test_delay_counts_the_longest_path() -> None:
    gates = Gates(2, (Gate("nand", (0, 1)), Gate("not", (2,))), (3, 0, -2))
    assert (gates.delay, gates.cost) == (4, 6)
    assert [f"{int(row[0]):x}" for row in truth_tables(gates.to_aig())] == ["8", "a", "f"]
