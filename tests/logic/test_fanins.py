"""Open fanins: what is hidden, what may stand there, and what the network and its files say."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eda.aig import Aig, AigBuilder, cone
from eda.bench.logic_fanins import fanin_table, first_places, reciprocal_ranks
from eda.bench.resume import Kept
from eda.errors import WeightsError
from eda.logic import predict_fanins
from eda.logic.fanin_features import Surroundings, features
from eda.logic.fanin_model import NAME, feature_count, load_fanin_model
from eda.logic.fanin_train import fanin_samples, train_fanin_model
from eda.logic.generate import random_circuit
from eda.logic.open_fanins import CANDIDATES, OPEN, draw_queries, forbidden, hide, open_circuit


def adder(bits: int) -> Aig:
    made = AigBuilder(2 * bits)
    carry = 0
    for at in range(bits):
        a, b = made.inputs[at], made.inputs[bits + at]
        half = made.xor(a, b)
        made.output(made.xor(half, carry))
        carry = made.or_(made.and_(a, b), made.and_(half, carry))
    made.output(carry)
    return made.build()


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_what_is_hidden_can_be_put_back(seed: int) -> None:
    aig = random_circuit(8, 2, random.Random(seed))
    hidden = hide(aig, np.random.default_rng(seed))
    opened = hidden.opened
    assert len(opened.gates) == min(aig.num_ands, max(1, round(0.2 * aig.num_ands)))
    fanins = opened.aig.fanins.copy()
    at = opened.gates - opened.aig.first_and
    fanins[at] = np.stack([opened.siblings, hidden.truth], axis=1)
    back = opened.original(fanins)
    assert np.array_equal(np.sort(back, axis=1), np.sort(aig.fanins, axis=1))
    assert np.array_equal(opened.original(opened.aig.roots), aig.roots)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_no_legal_signal_makes_a_loop(seed: int) -> None:
    aig = random_circuit(8, 2, random.Random(seed))
    hidden = hide(aig, np.random.default_rng(seed))
    opened = hidden.opened
    asked = np.arange(len(opened.gates))
    barred = forbidden(opened, asked)
    assert not barred[asked, hidden.truth >> 1].any()
    for number, gate in enumerate(opened.gates.tolist()):
        for variable in range(opened.aig.first_and, opened.aig.num_variables):
            behind = bool(cone(opened.aig, [2 * variable])[gate])
            sibling = variable == opened.siblings[number] >> 1
            assert barred[number, variable] == (behind or sibling)


def test_candidates_are_the_true_one_and_others() -> None:
    rng = np.random.default_rng(0)
    hidden = hide(adder(24), rng)
    asked = draw_queries(hidden, rng, most=20)
    assert asked.candidates.shape == (20, CANDIDATES)
    assert np.array_equal(asked.candidates[:, 0], hidden.truth[asked.asked] >> 1)
    assert all(len(set(row)) == CANDIDATES for row in asked.candidates.tolist())


def test_features_know_no_numbering() -> None:
    """The same circuit with its ANDs in another order of the same levels looks the same."""
    aig = adder(8)
    hidden = hide(aig, np.random.default_rng(1))
    left = hidden.opened.original(hidden.opened.aig.fanins)
    pin = hidden.opened.aig.fanins >> 1
    is_open = (pin >= hidden.opened.first_open) & (pin < hidden.opened.aig.first_and)
    one = Aig(aig.num_inputs, fanins=np.where(is_open, OPEN, left), outputs=aig.outputs)
    order = np.argsort(one.levels[one.first_and :] * 1000 - np.arange(one.num_ands))
    new = np.arange(one.num_variables)
    new[one.first_and + order] = one.first_and + np.arange(one.num_ands)

    def moved(literals: NDArray[np.int64]) -> NDArray[np.int64]:
        made: NDArray[np.int64] = 2 * new[literals >> 1] + (literals & 1)
        return made

    two = Aig(one.num_inputs, fanins=moved(one.fanins[order]), outputs=moved(one.outputs))
    first = {item.gate: item for item in predict_fanins(one, top=3)}
    for item in predict_fanins(two, top=3):
        other = first[int(2 * one.first_and + 2 * order[item.gate // 2 - one.first_and])]
        mine = [candidate.probability for candidate in item.candidates]
        theirs = [candidate.probability for candidate in other.candidates]
        assert mine == pytest.approx(theirs, abs=1e-4)


def test_the_missing_side_of_an_exclusive_or_is_found() -> None:
    aig = adder(8)
    fanins = aig.fanins.copy()
    gate = 6 + 2 * 8  # an AND of some half adder in the middle
    fanins[gate, 1] = OPEN
    (answer,) = predict_fanins(Aig(aig.num_inputs, fanins=fanins, outputs=aig.outputs), top=5)
    assert answer.gate == 2 * (aig.first_and + gate)
    assert aig.fanins[gate, 1] >> 1 in [item.literal >> 1 for item in answer.candidates]
    total = sum(item.probability for item in answer.candidates)
    assert 0 < total <= 1 + 1e-6


def test_a_whole_circuit_has_nothing_open() -> None:
    assert predict_fanins(adder(3)) == []
    assert len(open_circuit(Aig(0)).gates) == 0


def test_training_is_repeated_and_resumed(tmp_path: Path) -> None:
    samples = fanin_samples(adder(24), seed=0, most=30)
    assert samples.inputs.shape == (30, CANDIDATES, feature_count())
    once = train_fanin_model(samples, samples, out=tmp_path / "a", epochs=2)

    def stop(_text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_fanin_model(samples, samples, out=tmp_path / "b", epochs=2, log=stop)
    assert not (tmp_path / "b" / NAME).exists()
    again = train_fanin_model(samples, samples, out=tmp_path / "b", epochs=2, resume=True)
    assert once["epochs"] == again["epochs"] == 2
    assert (tmp_path / "a" / NAME).read_bytes() == (tmp_path / "b" / NAME).read_bytes()
    load_fanin_model(tmp_path / "a")


def test_wrong_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="`eda train fanins` makes such a file"):
        load_fanin_model(tmp_path / "none")
    (tmp_path / NAME).write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    with pytest.raises(WeightsError, match="not the weights of open fanins"):
        load_fanin_model(tmp_path)


def test_ties_count_as_their_mean() -> None:
    scores = np.array([[1.0, 1.0, 2.0, 0.0]])
    assert reciprocal_ranks(scores)[0] == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert reciprocal_ranks(np.zeros((1, 50)))[0] == pytest.approx(
        sum(1 / k for k in range(1, 51)) / 50
    )
    assert first_places(np.array([[1.0, 1.0, 0.0]]))[0] == 0.5


def test_the_network_beats_the_rules_on_a_small_circuit(tmp_path: Path) -> None:
    from eda.aig import write_aiger

    write_aiger(adder(32), tmp_path / "adder.aig")
    table = fanin_table(tmp_path, full=False, seed=0, log=lambda _text: None, kept=Kept(None))
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert row["random"] == pytest.approx(0.09, abs=0.001)
    network, rule = row["network"], row["the same, unread first"]
    assert isinstance(network, float)
    assert isinstance(rule, float)
    assert network > rule


def test_features_are_finite_where_there_is_little() -> None:
    made = open_circuit(Aig(2, fanins=np.array([[2, 1]]), outputs=np.array([6])))
    found = features(Surroundings(made), np.array([0]), np.array([[2]]))
    assert np.isfinite(found).all()
