"""Shared by the tests of agents: the shipped case, a simulator that counts, a cache of its own."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.agents.space import Floats
from eda.errors import ToolNotFoundError
from eda.spice import NGSPICE, Case, SimulationResult, example_case
from eda.spice.job import Job
from eda.spice.ngspice_shared import library_path
from eda.spice.simulator import Options


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the user's cache alone; the tests of a session share one."""
    folder = tmp_path_factory.getbasetemp() / "agents-cache"
    monkeypatch.setenv("EDA_CACHE_DIR", str(folder))


@pytest.fixture
def opamp() -> Case:
    """The case that is shipped; skips where ngspice is not installed."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")
    return example_case()


@dataclass
class Counting:
    """ngspice, with the jobs it was given."""

    jobs: list[Job] = field(default_factory=list)

    def run(self, job: Job, options: Options) -> SimulationResult:
        self.jobs.append(job)
        return NGSPICE.run(job, options)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def examples() -> Path:
    return Path(__file__).parents[2] / "examples"


class Analytic:
    """Metrics from a formula; designs with a small first size are dead."""

    def __init__(self, metrics: int) -> None:
        self.metrics_count = metrics

    def metrics(self, points: Floats) -> Floats:
        made = np.exp(points @ np.linspace(-1, 1, points.shape[1] * self.metrics_count).reshape(
            points.shape[1], self.metrics_count))  # fmt: skip
        return np.where(points[:, :1] < 0.2, np.nan, made)


@pytest.fixture
def quick() -> dict[str, Any]:
    """Arguments of an environment that needs no simulator."""
    return {"backend": Analytic(len(example_case().metrics))}
