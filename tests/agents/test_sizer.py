"""The sizing agent on the shipped case: met, counted, the same again, resumed after a kill."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import eda
from eda.agents.sizer import Progress, size
from eda.errors import InputError
from eda.spice import Case, read_case


def test_the_medium_spec_is_met_in_few_simulations(opamp: Case) -> None:
    told: list[Progress] = []
    result = eda.size(opamp, "medium", budget=15, seed=0, cache=False, progress=told.append)
    assert result.met
    assert result.online_simulations <= 6
    assert opamp.problem(result.design) == ""
    assert result.design["m_out"] == round(result.design["m_out"])
    fresh = read_case(opamp.folder).simulate([dict(result.design)], cache=False)[0]
    assert opamp.specs["medium"].met(fresh.metrics)
    assert {item.stage for item in told} == {"model", "size", "check"}
    assert result.counts.device > 0
    assert result.counts.offline == 0
    answer = json.loads(json.dumps(result.to_dict()))
    assert answer["online_simulations"] == result.online_simulations
    assert answer["missed"] == []


def test_the_same_seed_gives_the_same_run(opamp: Case) -> None:
    runs = [size(opamp, "easy", 6, 3, model="gp", cache=False) for _ in range(2)]
    assert runs[0].design == runs[1].design
    assert runs[0].counts == runs[1].counts


def test_what_cannot_be_met_is_said_so(opamp: Case) -> None:
    spec = {
        "targets": {
            "gain_db": {"op": ">=", "value": 150},
            "power_w": {"op": "<=", "value": 2e-6},
            "ugbw_hz": {"op": ">=", "value": 1e9},
        }
    }
    result = size(opamp, spec, 3, model="network", cache=False)
    assert not result.met
    assert result.likely_infeasible
    assert result.online_simulations <= 3
    assert {item.metric for item in result.missed} <= {"gain_db", "power_w", "ugbw_hz"}
    assert all(item.short_by is None or item.short_by > 0 for item in result.missed)


def test_arguments_that_make_no_sense(opamp: Case, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="budget is 1; it must be at least 2"):
        size(opamp, "easy", 1)
    with pytest.raises(InputError, match="there is no model 'magic'"):
        size(opamp, "easy", model="magic")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="nothing in the models of opamp2 is left to chance"):
        size(opamp, "easy", monte_carlo=8)
    (tmp_path / "simulations.jsonl").touch()
    with pytest.raises(InputError, match="holds a run already"):
        size(opamp, "easy", folder=tmp_path)


_KILLED = """
import os, signal, sys
from eda.agents.sizer import size
from eda.spice import NGSPICE, example_case
after = int(sys.argv[2])
class Mortal:
    runs = 0
    def run(self, job, options):
        Mortal.runs += 1
        if Mortal.runs == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return NGSPICE.run(job, options)
case = example_case()
found = size(case, "hard", 5, 1, model="gp", folder=sys.argv[1], resume=True, cache=False,
             simulator=Mortal())
print(found.counts.online, found.counts.resumed, Mortal.runs, sorted(found.design.items()))
"""


def test_a_killed_run_repeats_nothing_when_it_is_resumed(opamp: Case, tmp_path: Path) -> None:
    def run(folder: str, after: int) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", _KILLED, str(tmp_path / folder), str(after)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    whole = run("whole", 10**6)
    assert whole.returncode == 0, whole.stderr
    killed = run("killed", 6)
    assert killed.returncode == -9
    lines = (tmp_path / "killed" / "simulations.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    again = run("killed", 10**6)
    assert again.returncode == 0, again.stderr
    online, resumed, jobs, *_ = again.stdout.split()
    online_whole, _, jobs_whole, *_ = whole.stdout.split()
    assert online == online_whole
    assert int(resumed) == len(lines)
    assert int(jobs) < int(jobs_whole)
    assert again.stdout.split("[")[1] == whole.stdout.split("[")[1]
    keys = [
        json.loads(line)["key"]
        for line in (tmp_path / "killed" / "simulations.jsonl").read_text("utf-8").splitlines()
    ]
    assert len(keys) == len(set(keys))


def test_an_interrupt_keeps_what_was_found(opamp: Case) -> None:
    seen = 0

    def stop(now: Progress) -> None:
        nonlocal seen
        seen += 1
        if now.online == 2:
            raise KeyboardInterrupt

    result = size(opamp, "hard", 20, model="gp", cache=False, progress=stop)
    assert result.interrupted
    assert not result.met
    assert result.online_simulations == 2
    assert result.metrics


def test_corners_join_the_search(opamp: Case) -> None:
    spec = {
        "targets": {
            "gain_db": {"op": ">=", "value": 80},
            "pm_deg": {"op": ">=", "value": 55},
            "ugbw_hz": {"op": ">=", "value": 5e6},
            "power_w": {"op": "<=", "value": 4e-4},
        }
    }
    result = size(opamp, spec, 20, corners=True, cache=False)
    assert result.met
    assert len(result.corners) == len(opamp.corners) == 27
    assert all(result.goal.met(item.metrics) for item in result.corners.values())
    assert result.counts.corner >= 27
    assert result.failing_corner is None
    assert np.isfinite(list(result.metrics.values())).all()


def test_mismatch_is_screened_and_counted(opamp: Case, tmp_path: Path) -> None:
    for path in opamp.folder.iterdir():
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".inc":
            for level in ("vto=0.45", "vto=-0.45"):
                value = level.removeprefix("vto=")
                text = text.replace(level, f"vto={{agauss({value}, 0.001, 1)}}")
        if path.name != "golden.csv":
            (tmp_path / path.name).write_text(text, encoding="utf-8")
    case = read_case(tmp_path)
    spec = {
        "targets": {
            "gain_db": {"op": ">=", "value": 70},
            "power_w": {"op": "<=", "value": 4e-4},
        }
    }
    result = size(case, spec, 10, monte_carlo=20, cache=False, folder=tmp_path / "run")
    assert result.met
    assert result.samples is not None
    assert result.sigma is not None
    assert len(result.samples.samples) == result.samples.passes == 20
    assert result.sigma >= 3
    assert result.counts.mismatch >= 20
    assert result.counts.corner == 0


def test_an_objective_is_pursued_once_the_targets_are_met(opamp: Case) -> None:
    targets = {"gain_db": {"op": ">=", "value": 80}, "pm_deg": {"op": ">=", "value": 50}}
    objective = {"metric": "power_w", "sense": "min"}
    spec = {"targets": targets, "objective": objective}
    plain = size(opamp, {"targets": targets}, 12, model="network", cache=False)
    best = size(opamp, spec, 12, model="network", cache=False)
    assert plain.met
    assert best.met
    assert best.metrics["power_w"] < plain.metrics["power_w"]
    assert best.online_simulations <= 12
