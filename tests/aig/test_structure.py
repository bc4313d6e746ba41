"""Cones, support, cuts, hashes: by definition, on small circuits."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.aig import (
    Aig,
    AigBuilder,
    cone,
    cuts,
    extract,
    fanouts,
    strash,
    structural_hash,
    support,
    truth_tables,
)
from eda.bench.random_logic import random_aig


def _reached(aig: Aig, literal: int) -> set[int]:
    todo, found = [literal >> 1], set()
    while todo:
        variable = todo.pop()
        if variable not in found:
            found.add(variable)
            if variable >= aig.first_and:
                todo += [item >> 1 for item in aig.fanins[variable - aig.first_and].tolist()]
    return found


@given(st.integers(0, 1 << 30), st.integers(0, 3))
def test_cones_support_and_fanouts(seed: int, latches: int) -> None:
    aig = random_aig(random.Random(seed), latches=latches)
    for at, literal in enumerate(aig.roots.tolist()):
        reached = _reached(aig, literal)
        assert set(np.flatnonzero(cone(aig, [literal])).tolist()) == reached
        leaves = sorted(x - 1 for x in reached if 0 < x < aig.first_and)
        assert support(aig)[at] == leaves
    reads = [*aig.fanins.reshape(-1).tolist(), *aig.roots.tolist()]
    assert fanouts(aig).tolist() == [
        sum(literal >> 1 == variable for literal in reads) for variable in range(aig.num_variables)
    ]


def test_support_of_many_inputs() -> None:
    made = AigBuilder(150)
    made.output(made.and_all(made.inputs[::2]))
    assert support(made.build()) == [list(range(0, 150, 2))]


@given(st.integers(0, 1 << 30))
def test_an_extracted_output_has_the_function_it_had(seed: int) -> None:
    aig = random_aig(random.Random(seed))
    for at in range(aig.num_outputs):
        part = extract(aig, [at])
        assert np.array_equal(truth_tables(part), truth_tables(aig)[at : at + 1])
        bare = extract(aig, [at], keep_inputs=False)
        assert bare.num_inputs == len(support(aig)[at])


@given(st.integers(0, 1 << 30))
def test_hashing_keeps_the_function_and_drops_what_is_double(seed: int) -> None:
    aig = random_aig(random.Random(seed))
    made = strash(aig)
    assert np.array_equal(truth_tables(made), truth_tables(aig))
    assert made.num_ands <= aig.num_ands
    pairs = list(map(tuple, made.fanins.tolist()))
    assert len(set(pairs)) == len(pairs)
    assert all(b > 1 and a >> 1 != b >> 1 for a, b in pairs)
    assert strash(made).num_ands == made.num_ands


def test_interface_survives_hashing() -> None:
    aig = random_aig(random.Random(4), sections=True, latches=2)
    made = strash(aig)
    for name in ("input_names", "output_names", "comment", "num_latches"):
        assert getattr(made, name) == getattr(aig, name)
    assert len(made.roots) == len(aig.roots)


def test_structural_hash_is_blind_to_numbers_only() -> None:
    one = Aig(3, fanins=[[4, 2], [6, 2], [10, 8]], outputs=[12])  # type: ignore[arg-type]
    two = Aig(3, fanins=[[6, 2], [4, 2], [10, 8]], outputs=[12])  # type: ignore[arg-type]
    other = Aig(3, fanins=[[6, 2], [4, 2], [10, 9]], outputs=[12])  # type: ignore[arg-type]
    assert structural_hash(one) == structural_hash(two)
    assert len({structural_hash(one), structural_hash(other)}) == 2
    inverted = Aig(3, fanins=one.fanins, outputs=one.outputs ^ 1)
    assert structural_hash(inverted) != structural_hash(one)


@given(st.integers(0, 1 << 30))
def test_cuts_are_cuts(seed: int) -> None:
    aig = random_aig(random.Random(seed))
    for variable, found in enumerate(cuts(aig, size=3, limit=20)):
        assert found[-1] == ((variable,) if variable else ())
        for cut in found[:-1]:
            assert len(cut) <= 3
            assert _is_cut(aig, variable, set(cut))
        for cut in found[:-1]:
            assert not any(set(other) < set(cut) for other in found[:-1])


def _is_cut(aig: Aig, variable: int, leaves: set[int]) -> bool:
    """Every way down from the variable meets a leaf, or the constant."""
    todo = [variable]
    while todo:
        here = todo.pop()
        if here in leaves or here == 0:
            continue
        if here < aig.first_and:
            return False
        todo += [item >> 1 for item in aig.fanins[here - aig.first_and].tolist()]
    return True


def test_cuts_of_a_xor() -> None:
    made = AigBuilder(2)
    made.output(made.xor(*made.inputs))
    aig = made.build()
    assert cuts(aig)[-1] == ((1, 2), (3, 4), (5,))
    assert len(cuts(aig, limit=1)[-1]) == 2


@pytest.mark.parametrize(
    ("a", "b", "expected"), [(0, 4, 0), (1, 4, 4), (4, 4, 4), (4, 5, 0), (2, 4, 6)]
)
def test_builder_folds_constants(a: int, b: int, expected: int) -> None:
    assert AigBuilder(2).and_(a, b) == expected
