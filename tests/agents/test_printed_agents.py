"""The environment for printed filters: what it promises, and what plugs into it."""

import math
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest

from eda.agents.ids import IDS, register
from eda.agents.printed_env import REACH, SHORTLIST, STEPS, PrintedFilterEnv
from eda.agents.printed_observation import MOST_SIZES, SIZE, margin_row
from eda.agents.printed_specs import KINDS, printed_spec
from eda.filters.mask import coarse_mask
from eda.filters.microstrip.network import scattering
from eda.filters.spec import FilterSpec

NAMES = ("low-pass", "band-stop", "narrow band-pass")


@pytest.fixture(scope="module")
def specs() -> list[FilterSpec]:
    kinds = [next(kind for kind in KINDS if kind.name == name) for name in NAMES]
    return [printed_spec(np.random.default_rng([3, at]), kind) for at, kind in enumerate(kinds)]


def still(env: PrintedFilterEnv) -> np.ndarray[Any, Any]:
    return np.zeros(env.action_space.shape or (), np.float32)


def test_the_environment_passes_both_checkers(specs: list[FilterSpec]) -> None:
    from gymnasium.utils.env_checker import check_env
    from stable_baselines3.common.env_checker import check_env as check_sb3

    register()
    env = gymnasium.make("eda/PrintedFilter-v0", specs=specs[:2]).unwrapped
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env)
        check_sb3(env)


def test_it_is_registered_and_ends_after_its_steps(specs: list[FilterSpec]) -> None:
    register()
    assert "eda/PrintedFilter-v0" in IDS
    env = gymnasium.make("eda/PrintedFilter-v0", specs=specs)
    seen, info = env.reset(seed=3)
    assert seen.shape == (SIZE,)
    assert {"spec", "layout", "family", "order", "screened"} <= set(info)
    for number in range(STEPS):
        seen, reward, done, cut, info = env.step(np.zeros(MOST_SIZES, np.float32))
        assert math.isfinite(float(reward))
        assert env.observation_space.contains(seen)
        assert done == (number == STEPS - 1)
        assert not cut
    assert {"solved", "rounded_margin_db", "broken", "values_mm", "metrics"} <= set(info)
    # One for the start and one a step; at the end one for the grid and two for etching.
    assert info["metrics"]["evaluations"] == 1 + STEPS + 3


def test_the_same_seed_gives_the_same_episode(specs: list[FilterSpec]) -> None:
    action = np.linspace(-1, 1, MOST_SIZES).astype(np.float32)
    runs = []
    for _ in range(2):
        env = PrintedFilterEnv(specs=specs)
        seen, info = env.reset(seed=5)
        runs.append((info["layout"], seen.tolist(), [env.step(action)[1] for _ in range(STEPS)]))
    assert runs[0] == runs[1]


def test_several_run_side_by_side(specs: list[FilterSpec]) -> None:
    register()
    made = gymnasium.make_vec("eda/PrintedFilter-v0", num_envs=2, specs=specs[:2])
    seen, _ = made.reset(seed=1)
    assert seen.shape == (2, SIZE)
    seen, reward, *_ = made.step(np.zeros((2, MOST_SIZES), np.float32))
    assert np.isfinite(reward).all()


def test_the_choice_of_a_textbook_is_named_or_drawn(specs: list[FilterSpec]) -> None:
    env = PrintedFilterEnv(specs=specs[2:])
    best, info = env.reset(seed=0, options={"start": 0})
    first = info["layout"]
    assert first == env.task.ranked[0][1].origin
    drawn = {env.reset(seed=seed)[1]["layout"] for seed in range(6)}
    assert 1 < len(drawn) <= SHORTLIST
    again, info = env.reset(seed=9, options={"spec": specs[2], "start": 0})
    assert info["layout"] == first
    assert again == pytest.approx(best)


def test_steps_towards_what_linear_programs_find_are_rewarded() -> None:
    kind = next(kind for kind in KINDS if kind.name == "narrow band-pass")
    env = PrintedFilterEnv(specs=[printed_spec(np.random.default_rng(2), kind, tier="hard")])
    env.reset(seed=0, options={"start": 0})
    assert env.margin_db < 0
    goal = np.log(env.search.design(env.start, np.exp(env.x)).values_mm)
    total, done = 0.0, False
    info: dict[str, Any] = {}
    while not done:
        action = still(env)
        action[: len(goal)] = np.clip((goal - env.x) / REACH, -1, 1)[:MOST_SIZES]
        _, reward, done, _, info = env.step(action)
        total += reward
    assert info["solved"]
    env.reset(seed=0, options={"start": 0})
    idle = sum(env.step(still(env))[1] for _ in range(STEPS))
    assert total > idle + 3


def test_another_model_takes_the_place_of_the_closed_forms(specs: list[FilterSpec]) -> None:
    """A simulator of the same signature plugs in: here the closed forms at another frequency."""
    asked: list[int] = []

    def shifted(layout: Any, sizes: Any, frequency_hz: Any, board: Any, **ports: float) -> Any:
        asked.append(len(frequency_hz))
        return scattering(layout, sizes, 0.97 * np.asarray(frequency_hz), board, **ports)

    plain, other = PrintedFilterEnv(), PrintedFilterEnv(model=shifted)
    options = {"spec": specs[2], "start": 0}
    before, _ = plain.reset(seed=0, options=options)
    after, _ = other.reset(seed=0, options=options)
    assert asked
    assert plain.margin_db != other.margin_db
    mask = plain.search.coarse.mask
    count = len(asked)
    other.step(still(other))
    assert asked[count:] == [len(mask.frequency_hz)]
    assert not np.array_equal(before, after)


def test_margins_are_shown_by_thirds_of_bands(specs: list[FilterSpec]) -> None:
    mask = coarse_mask(specs[2])
    gain = np.full(len(mask.frequency_hz), -60.0)
    back = np.full(len(mask.frequency_hz), 30.0)
    passed = np.flatnonzero(mask.band == 0)
    gain[passed] = -0.01
    row = margin_row(mask, gain, back, 0.0)
    assert (row[:9] > 0).all()
    assert (row[9:] == 0).all()
    gain[passed[-1]] = -20.0
    row = margin_row(mask, gain, back, 0.5)
    assert (row[:3] > 0).tolist() == [True, True, False]
    assert row[-1] == pytest.approx(math.tanh(0.5))
