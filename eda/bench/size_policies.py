"""Many goals: the agent with its fastest model, and the shipped policies, checked by ngspice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from eda.agents.environments.goals import GoalSizingEnv
from eda.agents.environments.sizing import SizingEnv
from eda.agents.model_network import WEIGHTS, CorrectedNetwork
from eda.agents.policy import load_policy, roll_out
from eda.agents.sizer import size
from eda.bench.resume import Kept
from eda.bench.size_goals import Task

if TYPE_CHECKING:
    from eda.agents.goal import Goal
    from eda.spice.case import Case

STEPS: Final = 40
BUDGET: Final = 30


def policy_rows(
    case: Case, goals: Sequence[Goal], seed: int, log: Callable[[str], object], kept: Kept
) -> Iterator[tuple[str, list[tuple[bool, int]], str]]:
    """Yield a name, (met, simulations) of every goal, and what it was trained on."""
    tasks = [Task(case, goal, seed + at) for at, goal in enumerate(goals)]
    log(f"many goals, {case.name}: network")
    model: CorrectedNetwork | None = None

    def sized(task: Task) -> tuple[bool, int]:
        nonlocal model
        model = model or CorrectedNetwork(case)
        found = size(case, task.goal, BUDGET, task.seed, model=model, cache=False)
        model.forget()
        return found.met, found.online_simulations

    runs = [kept.get(f"many, network: {t.label}", partial(sized, t)) for t in tasks]
    yield "agent, network", [(met, count) for met, count in runs], "tables of transistors"
    for kind in ("ppo", "sac"):
        policies = sorted(WEIGHTS.glob(f"{kind}-{case.name}-*.safetensors"))
        if not policies:
            continue
        log(f"many goals, {case.name}: {kind}")
        runs = []
        for at, task in enumerate(tasks):
            path = policies[at % len(policies)]
            key = f"many, {path.name}, {STEPS} steps: {task.label}"
            runs.append(kept.get(key, partial(_rolled, case, path, task.goal)))
        steps = load_policy(policies[0]).about.get("steps", "?")
        found = [(met, count) for met, count in runs]
        yield f"{kind.upper()}, {len(policies)} seeds", found, f"network, {steps} steps"


_environments: dict[tuple[str, str], Any] = {}


def _rolled(case: Case, path: Any, goal: Goal) -> tuple[bool, int]:
    """Roll a policy out in ngspice; return whether it meets the goal, and its simulations."""
    policy = load_policy(path)
    key = (policy.kind, case.name)
    if key not in _environments:
        kind = SizingEnv if policy.kind == "ppo" else GoalSizingEnv
        _environments[key] = kind(case, backend="ngspice")
    env = _environments[key]
    given = {"targets": {n: {"op": t.op, "value": t.value} for n, t in goal.targets.items()}}
    visited = roll_out(policy, env, steps=STEPS, options={"goal": given})
    return env.goal.met(env.named()), len(visited)
