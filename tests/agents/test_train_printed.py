"""The example that trains a policy for printed filters, at its smallest."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from eda.agents.printed_env import REACH, SHORTLIST, STEPS, PrintedFilterEnv
from eda.agents.printed_observation import MOST_SIZES, SIZE

PATH = Path(__file__).parents[2] / "examples" / "train_printed.py"

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="no examples beside the tests")


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_printed", PATH)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_lessons_lead_to_what_linear_programs_find(example: ModuleType) -> None:
    # The low-pass and the band-stop have the fewest textbooks.
    specs = [example.masks(13, 1)[at] for at in (9, 12)]
    seen, wanted = example.lessons(specs)
    assert seen.shape == (len(specs) * SHORTLIST * STEPS, SIZE)
    assert wanted.shape == (len(seen), MOST_SIZES)
    env = PrintedFilterEnv(specs=specs[:1])
    first, _ = env.reset(seed=0, options={"start": 0})
    assert np.array_equal(seen[0], first)
    goal = np.log(env.search.design(env.start, np.exp(env.x)).values_mm)
    step = np.clip((goal - env.x) / REACH, -1, 1)
    assert wanted[0][: len(step)] == pytest.approx(step[:MOST_SIZES])


def test_a_clone_designs_within_its_budget(example: ModuleType) -> None:
    spec = example.masks(13, 2)[12]
    agent = example.trained([spec], minutes=0.0)
    env = PrintedFilterEnv(specs=[spec])
    rounded = example.designed(env, agent, budget=200, refine=False)
    refined = example.designed(env, agent, budget=400, refine=True)
    assert refined > -30
    assert np.isfinite(rounded)
    # With no evaluation to spend nothing is found.
    assert example.designed(env, None, budget=0, refine=True) == -30
