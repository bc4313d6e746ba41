"""Optimised circuits are smaller and the same; a fault of a program never gets out."""

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.aig import Aig, AigBuilder, aiger_bytes, read_aiger, strash, truth_tables
from eda.bench.random_logic import random_aig
from eda.errors import InputError
from eda.logic.abc import OFF, find_abc
from eda.logic.bandit import Bandit, learned, size_class
from eda.logic.engine import Made, run_pieces, run_steps
from eda.logic.objective import OBJECTIVES, Objective
from eda.logic.optimize import Step, optimize_aig
from eda.logic.recipes import BY_NAME, PIECES, RECIPES
from eda.logic.windows import cut, neighbourly_order, put_back, shuffled

needs_abc = pytest.mark.skipif(
    shutil.which("berkeley-abc") is None, reason="berkeley-abc is not installed"
)


def clumsy(inputs: int = 8, outputs: int = 4, seed: int = 0) -> Aig:
    """Sums of products by chance: there is much to gain."""
    rng = random.Random(seed)
    made = AigBuilder(inputs)
    for _ in range(outputs):
        rows = [
            [literal ^ rng.randrange(2) for literal in rng.sample(made.inputs, 5)]
            for _ in range(14)
        ]
        made.output(made.or_all(made.and_all(row) for row in rows))
    return made.build()


@needs_abc
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_smaller_and_the_same(objective: str) -> None:
    aig = clumsy()
    steps: list[Step] = []
    made = optimize_aig(aig, seconds=0.7, objective=objective, progress=steps.append)
    assert np.array_equal(truth_tables(made.aig), truth_tables(aig))
    goal = Objective(objective)
    if objective == "levels":  # the sums are balanced trees already
        assert goal.key(made.aig) <= goal.key(strash(aig))
    else:
        assert goal.key(made.aig)[0] < 0.9 * goal.key(strash(aig))[0]
    assert made.proved
    assert list(made.log) == steps
    best = [step.best_ands for step in steps]
    assert objective != "ands" or best == sorted(best, reverse=True)


def test_without_abc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OFF, "1")
    aig = clumsy()
    made = optimize_aig(aig, seconds=1.2)
    assert not made.abc
    assert made.ands < made.ands_before
    assert np.array_equal(truth_tables(made.aig), truth_tables(aig))


@needs_abc
def test_a_sequential_circuit_keeps_its_interface() -> None:
    logic = clumsy(9, 6, seed=3)
    aig = Aig(
        6,
        fanins=logic.fanins,
        outputs=logic.outputs[:2],
        next_states=logic.outputs[2:5],
        resets=[0, 1, 2],  # type: ignore[arg-type]
        bad=logic.outputs[5:],
        input_names=("a", "b", "c", "d", "e", "f"),
        comment="kept",
    )
    made = optimize_aig(aig, seconds=0.6)
    assert made.ands < made.ands_before
    for name in ("input_names", "comment", "num_latches"):
        assert getattr(made.aig, name) == getattr(aig, name)
    assert made.aig.resets.tolist() == [0, 1, 2]
    assert len(made.aig.bad) == 1
    assert np.array_equal(truth_tables(made.aig), truth_tables(aig))


@needs_abc
def test_what_is_wrong_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(aig: Aig, recipes: object, **limits: float) -> Made:
        return Made((Aig(aig.num_inputs, outputs=aig.outputs * 0),), 0.1)

    monkeypatch.setattr("eda.logic.optimize.run_steps", wrong)
    monkeypatch.setattr("eda.logic.optimize.PIECES", {})
    aig = clumsy()
    made = optimize_aig(aig, seconds=0.5)
    assert not made.proved
    assert made.unproved_ands == 0
    assert np.array_equal(truth_tables(made.aig), truth_tables(aig))
    assert made.ands == made.ands_before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"objective": "area"}, "there is no objective 'area'; there are: ands, levels, product"),
        ({"order": "best"}, "there is no order 'best'; there are: learned, random"),
        ({"seconds": 0}, "seconds = 0 and workers = 1 must be positive"),
    ],
)
def test_arguments_that_are_none(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        optimize_aig(clumsy(), **arguments)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_nothing_to_do() -> None:
    made = optimize_aig(Aig(2, outputs=[2, 5]), seconds=0.2)  # type: ignore[arg-type]
    assert (made.ands, made.levels, made.log) == (0, 0, ())


@needs_abc
@pytest.mark.parametrize("name", [recipe.name for recipe in RECIPES if not recipe.anytime])
def test_every_recipe_keeps_the_function(name: str) -> None:
    aig = clumsy(seed=5)
    made = run_steps(aig, [BY_NAME[name]], seconds=10)
    assert len(made.circuits) == len(BY_NAME[name].steps)
    for circuit in made.circuits:
        assert np.array_equal(truth_tables(circuit), truth_tables(aig))


@needs_abc
def test_deepsyn_stops_in_its_time() -> None:
    aig = clumsy(seed=6)
    made = run_steps(aig, [BY_NAME["deepsyn"]], seconds=4, share=0.25)
    assert made.circuits[0].num_ands < aig.num_ands
    assert 0.5 < made.seconds < 4


@settings(max_examples=50)
@given(st.integers(0, 1 << 30), st.integers(1, 8))
def test_windows_put_back_are_the_whole(seed: int, size: int) -> None:
    rng = random.Random(seed)
    aig = random_aig(rng, latches=rng.randrange(2))
    windows = cut(aig, size, rng)
    assert np.array_equal(truth_tables(put_back(aig, windows, {})), truth_tables(aig))
    # Each window in another form: hashing leaves nothing as it was.
    other = {at: strash(window.logic) for at, window in enumerate(windows)}
    assert np.array_equal(truth_tables(put_back(aig, windows, other)), truth_tables(aig))


@given(st.integers(0, 1 << 30))
def test_orders_are_orders(seed: int) -> None:
    rng = random.Random(seed)
    aig = random_aig(rng)
    order = neighbourly_order(aig, rng)
    place = {gate: at for at, gate in enumerate(order)}
    for gate in order:
        for literal in aig.fanins[gate].tolist():
            below = (literal >> 1) - aig.first_and
            assert below < 0 or place[below] < place[gate]
    assert np.array_equal(truth_tables(shuffled(aig, rng)), truth_tables(aig))


@needs_abc
def test_pieces_keep_their_function() -> None:
    aig = clumsy(8, 6, seed=8)
    windows = cut(aig, 60, random.Random(1))
    made = run_pieces(
        {at: item.logic for at, item in enumerate(windows)},
        PIECES["pieces extract"].steps,
        seconds=20,
    )
    assert len(made.circuits) == len(windows)
    whole = put_back(aig, windows, made.circuits)
    assert np.array_equal(truth_tables(whole), truth_tables(aig))
    assert whole.num_ands < aig.num_ands


def test_the_bandit_learns() -> None:
    rng = random.Random(0)
    bandit = Bandit({"a": 0.1, "b": 0.01}, spread=0.0)
    assert bandit.choose("ab", rng) == "a"
    for _ in range(5):
        bandit.told("a", 0.0, 2.0)
        bandit.told("b", 0.2, 1.0)
    assert bandit.choose("ab", rng) == "b"
    assert bandit.rate("a") < 0.05 < bandit.rate("b")


def test_the_learned_table_speaks_of_recipes_that_exist() -> None:
    known = {recipe.name for recipe in RECIPES} | set(PIECES)
    for objective in OBJECTIVES:
        table = learned(objective)
        assert table
        for state, rates in table.items():
            assert state.split("/")[0] in {size_class(n) for n in (1, 1000, 5000, 10**6)}
            assert set(rates) <= known


@needs_abc
def test_epfl_priority_is_far_below_single_recipes(data: Path) -> None:
    path = data / "aig" / "epfl" / "int2float.aig"
    if not path.is_file():
        pytest.skip("EDA_DATA has no EPFL circuits")
    aig = read_aiger(path)
    made = optimize_aig(aig, seconds=1.2)
    assert made.ands < 208  # dc2, the best of the quick single recipes
    assert np.array_equal(truth_tables(made.aig), truth_tables(aig))


def test_the_environment_and_its_ids() -> None:
    import gymnasium

    import eda.agents

    eda.agents.register()
    env = gymnasium.make("eda/Recipe-v0", seconds=0.25, circuits=[clumsy()])
    observation, info = env.reset(seed=3)
    assert env.observation_space.contains(observation)
    before, total, truncated = info["ands"], 0.0, False
    while not truncated:
        observation, reward, ended, truncated, info = env.step(int(env.action_space.sample()))
        total += float(reward)
        assert not ended
        assert env.observation_space.contains(observation)
    assert total == pytest.approx((before - info["ands"]) / before)


def test_the_environment_is_a_gymnasium_environment() -> None:
    from gymnasium.utils.env_checker import check_env

    from eda.agents.recipes import RecipeEnv

    cheap = "resyn2" if find_abc() else "aigverse cuts"
    # Its checker wants the same observation twice, and one of ours is time.
    env = RecipeEnv(seconds=1e9, recipes=[cheap])
    check_env(env, skip_render_check=True)
    with pytest.raises(InputError, match="there is no recipe"):
        RecipeEnv(recipes=["magic"])


def test_corrupt_output_of_a_program_is_no_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    from eda.logic import engine

    aig = clumsy()
    good = aiger_bytes(aig)
    for data in (None, b"", good[:-9], b"garbage", aiger_bytes(clumsy(7))):
        assert engine._read(data, aig) is None
    assert engine._read(good, aig) is not None
