"""Training a policy that changes the sizes of microstrip filters, and what it is worth.

    python examples/train_printed.py [minutes]      (of processor time, for trial and error)

The environment is ``eda/PrintedFilter-v0``. A policy is cloned from what linear programs make of
textbook layouts, and goes on by PPO of stable-baselines3. Afterwards masks that were not trained on
are designed in four ways, with as many evaluations each: linear programs after the policy or after
the textbook, and either of those just rounded to the grid.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from eda.agents.printed_env import REACH, SHORTLIST, PrintedFilterEnv
from eda.agents.printed_specs import KINDS, printed_spec
from eda.filters.evaluator import BudgetSpentError, Ledger
from eda.filters.microstrip.search import PrintedSearch
from eda.filters.spec import FilterSpec

TRAINED, HELD_OUT = 39, 26
EPOCHS = 60
BUDGETS = (100, 300)


def masks(count: int, seed: int) -> list[FilterSpec]:
    """Return masks of all kinds in turn, every third one hard."""
    made = []
    for at in range(count):
        random = np.random.default_rng([seed, at])
        tier = "hard" if at % 3 == 2 else "standard"
        made.append(printed_spec(random, KINDS[at % len(KINDS)], tier=tier, name=f"m{at}"))
    return made


def lessons(specs: list[FilterSpec]) -> tuple[np.ndarray, np.ndarray]:
    """Return what is seen on the way from textbooks to what linear programs find, and the steps."""
    seen, wanted = [], []
    for number, spec in enumerate(specs):
        env = PrintedFilterEnv(specs=[spec])
        for at in range(SHORTLIST):
            row, _ = env.reset(seed=number, options={"start": at})
            search, done = env.search, False
            goal = np.log(search.design(env.start, np.exp(env.x)).values_mm)
            while not done:
                action = np.zeros(env.action_space.shape)
                action[: len(goal)] = ((goal - env.x) / REACH)[: len(action)]
                action = np.clip(action, -1, 1)
                seen.append(row)
                wanted.append(action)
                # Half the way with some noise, so that corrections are seen too.
                noise = env.np_random.normal(0.0, 0.3, len(action))
                row, _, done, _, _ = env.step(0.5 * action + noise)
    return np.array(seen), np.array(wanted)


def trained(specs: list[FilterSpec], *, minutes: float, seed: int = 0):
    """Return a clone of linear programs that went on by PPO for so many minutes."""
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback

    class Clock(BaseCallback):
        """Ends the training when the time is over."""

        begun = time.process_time()

        def _on_step(self) -> bool:
            return time.process_time() - self.begun < 60 * minutes

    env = PrintedFilterEnv(specs=specs)
    agent = PPO(
        "MlpPolicy",
        env,
        n_steps=512,
        batch_size=128,
        n_epochs=5,
        learning_rate=1e-4,
        gamma=1.0,
        clip_range=0.1,
        ent_coef=0.0,
        seed=seed,
        device="cpu",
        policy_kwargs={"net_arch": [128, 128], "log_std_init": -2.0},
    )
    seen, wanted = (torch.as_tensor(row, dtype=torch.float32) for row in lessons(specs))
    print(f"{len(seen)} steps towards what linear programs find")
    actor = agent.policy
    optimiser = torch.optim.AdamW(actor.parameters(), lr=1e-3, weight_decay=1e-2)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(seen)).split(128):
            latent = actor.mlp_extractor.forward_actor(seen[batch])
            loss = ((actor.action_net(latent) - wanted[batch]) ** 2).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    if minutes > 0:
        Clock.begun = time.process_time()
        agent.learn(10**9, callback=Clock())
        print(f"{agent.num_timesteps} steps of trial and error")
    return agent


def rolled(env: PrintedFilterEnv, agent, start: int, ledger: Ledger):
    """Return margin, start and values of the best sizes that the policy comes by."""
    seen, _ = env.reset(seed=0, options={"start": start})
    best, x, done = env.margin_db, env.x, False
    ledger.charge(1)
    while not done:
        action, _ = agent.predict(seen, deterministic=True)
        ledger.charge(1)
        seen, _, done, _, _ = env.step(action)
        if env.margin_db > best:
            best, x = env.margin_db, env.x
    return best, env.start, np.exp(x)


def designed(env: PrintedFilterEnv, agent, *, budget: int, refine: bool) -> float:
    """Return the margin on the grid; what breaks a limit counts as -30 dB."""
    env.reset(seed=0, options={"start": 0})
    ledger = Ledger(limit=budget)
    search = PrintedSearch(env.goal, env.limits, ledger)
    best = -30.0
    try:
        begun = env.task.ranked[:SHORTLIST]
        if agent is not None:
            begun = [rolled(env, agent, at, ledger) for at in range(len(begun))]
            begun.sort(key=lambda item: -item[0])
        for _, start, values in begun:
            made = search.design(start, values) if refine else search.on_grid(start, values)
            if not made.broken:
                best = max(best, made.margin_db)
            if best >= 0.25:
                break
    except BudgetSpentError:
        pass
    return best


def main(minutes: float) -> None:
    """Train, then compare."""
    agent = trained(masks(TRAINED, 1), minutes=minutes)
    held_out = [PrintedFilterEnv(specs=[spec]) for spec in masks(HELD_OUT, 2)]
    for budget in BUDGETS:
        for name, policy, refine in (
            ("policy + linear programs", agent, True),
            ("linear programs", None, True),
            ("policy, rounded", agent, False),
            ("textbook, rounded", None, False),
        ):
            found = [designed(env, policy, budget=budget, refine=refine) for env in held_out]
            met = sum(margin >= 0 for margin in found)
            print(
                f"{budget} evaluations, {name}: {met}/{len(found)}, median {np.median(found):.2f}"
            )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
