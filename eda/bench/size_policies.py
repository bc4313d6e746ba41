"""Many goals: the agent with its fastest model, and the shipped policies, checked by ngspice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from eda.agents.environments.goals import GoalSizingEnv
from eda.agents.environments.sizing import SizingEnv
from eda.agents.model_network import WEIGHTS, CorrectedNetwork
from eda.agents.policy import load_policy, roll_out
from eda.agents.sizer import size

if TYPE_CHECKING:
    from eda.agents.goal import Goal
    from eda.spice.case import Case

STEPS: Final = 40
BUDGET: Final = 30


def policy_rows(
    case: Case, goals: Sequence[Goal], seed: int, log: Callable[[str], object]
) -> Iterator[tuple[str, list[tuple[bool, int]], str]]:
    """Yield a name, (met, simulations) of every goal, and what it was trained on."""
    log(f"many goals, {case.name}: network")
    model = CorrectedNetwork(case)
    runs = []
    for at, goal in enumerate(goals):
        found = size(case, goal, BUDGET, seed + at, model=model, cache=False)
        runs.append((found.met, found.online_simulations))
        model.forget()
    yield "agent, network", runs, "tables of transistors"
    for kind in ("ppo", "sac"):
        policies = sorted(WEIGHTS.glob(f"{kind}-{case.name}-*.safetensors"))
        if not policies:
            continue
        log(f"many goals, {case.name}: {kind}")
        runs = [_rolled(case, policies[at % len(policies)], goal) for at, goal in enumerate(goals)]
        steps = load_policy(policies[0]).about.get("steps", "?")
        yield f"{kind.upper()}, {len(policies)} seeds", runs, f"network, {steps} steps"


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
