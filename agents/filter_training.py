"""``eda train filters``: solve random masks, clone the solutions, go on by trial and error."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.agents.filter_env import FilterDesignEnv
from eda.agents.filter_solutions import clipped, plain_starts, read_solutions, write_solutions
from eda.filters.evaluator import Evaluator
from eda.filters.features import features
from eda.filters.mask import coarse_mask
from eda.filters.nodal import physics_of
from eda.filters.policy import (
    MOST_PARTS,
    REACH,
    STEPS,
    Policy,
    feedback,
    observation_size,
    observe,
    read_policy,
    write_policy,
)
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import spec_of
from eda.filters.starts import log_bounds, rules_of

Log = Callable[[str], object]
Real = NDArray[np.float32]

MASKS: Final = {"lumped_lc": 169, "active_rc": 144}
REPERTOIRE_SIZE: Final = 64
EPOCHS: Final = 60
WIDTH: Final = 128
PPO_STEPS: Final = 2048
_HELD_OUT: Final = 6
"""One mask in so many is kept to choose between weights."""

_SCORE_SCALE: Final = 6.0
"""Scores of circuits are spread so that the noise of trial and error seldom upsets them."""


def train_filters(
    *,
    out: Path,
    seed: int = 0,
    minutes: float = 90.0,
    masks: Mapping[str, int] = MASKS,
    ppo_steps: int = PPO_STEPS,
    log: Log = lambda text: None,
) -> dict[str, Any]:
    """Train the policy that chooses circuits and starts their values.

    What is finished is kept in ``out``: solutions a line each, the cloned policy, the final one;
    started again it goes on from there.

    Args:
        out: Folder of the run.
        seed: Where chance enters, it starts from here.
        minutes: The solving of masks stops after so long, and training goes on with what is there.
        masks: How many of each technology to solve.
        ppo_steps: Steps of trial and error; 0 leaves the clone as it is.
        log: Called with what is being done.

    Returns:
        Figures of the run: masks, samples, shares solved on held-out masks before and after.
    """
    out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    lines: list[dict[str, Any]] = []
    for technology, count in masks.items():
        path = out / f"solutions-{technology}.jsonl"
        for upto in range(25, count + 25, 25):
            if (time.monotonic() - begun) / 60 > minutes:
                break
            write_solutions(
                path, technology=technology, count=min(upto, count), seed=seed + 11, log=log
            )
        lines += list(read_solutions(path))
    train = [line for at, line in enumerate(lines) if at % _HELD_OUT]
    held = [line for at, line in enumerate(lines) if at % _HELD_OUT == 0]
    repertoire = choose_repertoire(train, REPERTOIRE_SIZE)
    log(f"{len(lines)} masks solved; a repertoire of {len(repertoire)} circuits")
    clone_at = out / "clone"
    if not (clone_at / "policy.json").is_file():
        samples = samples_of(train, repertoire)
        log(f"cloning {len(samples.observations)} decisions")
        clone = clone_policy(samples, repertoire, seed=seed)
        write_policy(clone_at, clone, {"kind": "clone", "seed": seed})
    clone = read_policy(clone_at)
    summary: dict[str, Any] = {
        "masks": len(lines),
        "held_out": len(held),
        "circuits": len(clone.repertoire),
        "first_choice": round(first_choice(clone, held), 4),
    }
    tests = [spec_of(line["spec"]) for line in held]
    summary["return_clone"], summary["solved_clone"] = played(clone, tests)
    final = clone
    if ppo_steps:
        log(f"trial and error, {ppo_steps} steps")
        trained = improve(
            clone, [spec_of(line["spec"]) for line in train], steps=ppo_steps, seed=seed
        )
        summary["return_ppo"], summary["solved_ppo"] = played(trained, tests)
        if summary["return_ppo"] > summary["return_clone"]:
            final = trained
        summary["kept"] = "ppo" if final is trained else "clone"
    summary["minutes"] = round((time.monotonic() - begun) / 60, 1)
    write_policy(
        out / "policy", final, {"kind": summary.get("kept", "clone"), "seed": seed, **summary}
    )
    (out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary


def choose_repertoire(lines: Sequence[Mapping[str, Any]], size: int) -> tuple[str, ...]:
    """Return the circuits that between them meet the most masks, greedily chosen.

    A circuit meets a mask where it has at least 0.05 dB of margin, and no more than half a dB less
    than the best of 1 dB.
    """
    meets: dict[str, set[int]] = {}
    wins: Counter[str] = Counter()
    for at, line in enumerate(lines):
        found = line["solutions"]
        best = max((item["margin_db"] for item in found), default=-1.0)
        for item in found:
            if item["margin_db"] >= max(0.05, min(best, 1.0) - 0.5):
                meets.setdefault(item["topology"], set()).add(at)
        if found and best > 0:
            wins[found[0]["topology"]] += 1
    chosen: list[str] = []
    covered: Counter[int] = Counter()
    while meets and len(chosen) < size:
        # Every mask should be met by two circuits, so that there is a second choice.
        def gain(name: str) -> tuple[float, int, str]:
            return sum(1.0 / (1 + 9 * covered[at]) for at in meets[name]), wins[name], name

        name = max(meets, key=gain)
        covered.update(meets.pop(name))
        chosen.append(name)
    return tuple(chosen)


@dataclass(frozen=True)
class Samples:
    """Decisions to clone.

    Attributes:
        observations: One a row.
        scores: What share of approval each circuit has; all zero where values are changed.
        changes: Changes of values, and where they count.
        counts: 1 where a change counts, 0 for parts that the circuit does not have.
    """

    observations: Real
    scores: Real
    changes: Real
    counts: Real


def samples_of(lines: Sequence[Mapping[str, Any]], repertoire: Sequence[str]) -> Samples:
    """Return the decisions that lead to known solutions: the choice, then three changes."""
    place = {name: at for at, name in enumerate(repertoire)}
    observations, scores, changes, counts = [], [], [], []
    none = np.zeros(len(repertoire), np.float32)
    idle = np.zeros(MOST_PARTS, np.float32)
    for line in lines:
        spec = spec_of(line["spec"])
        known = features(spec)
        found = [item for item in line["solutions"] if item["topology"] in place]
        good = [item for item in found if item["margin_db"] > 0.03]
        if good:
            worth = np.array(
                [min(item["margin_db"], 1.5) / 0.25 - 0.1 * item["parts"] for item in good]
            )
            share = np.exp(worth - worth.max())
            target = none.copy()
            for item, weight in zip(good, share / share.sum(), strict=True):
                target[place[item["topology"]]] = weight
            observations.append(observe(spec, len(repertoire), known=known))
            scores.append(target)
            changes.append(idle)
            counts.append(idle)
        starts = plain_starts(spec)
        evaluator = Evaluator(coarse_mask(spec), physics_of(spec))
        for item in found:
            if item["margin_db"] < -0.5 or item["topology"] not in starts:
                continue
            start = starts[item["topology"]]
            low, high = log_bounds(rules_of(spec, start.topology))
            x = clipped(spec, start)
            aim = x + np.array(item["residual"])
            count = min(len(x), MOST_PARTS)
            for step in range(STEPS):
                gain, back = evaluator.levels(start.topology, x)
                change = np.clip((aim - x) / (STEPS - step) / REACH, -1.0, 1.0)
                # All in one go where it is near: the fewer steps, the fewer evaluations.
                near = np.abs(aim - x) < REACH
                change = np.where(near, (aim - x) / REACH, change)
                observations.append(
                    observe(
                        spec,
                        len(repertoire),
                        chosen=place[item["topology"]],
                        step=step,
                        margins=feedback(evaluator.mask, gain, back),
                        known=known,
                    )
                )
                row, counted = idle.copy(), idle.copy()
                row[:count], counted[:count] = change[:count], 1.0
                scores.append(none)
                changes.append(row)
                counts.append(counted)
                x = np.clip(x + REACH * change, low, high)
    return Samples(
        *(np.array(item, dtype=np.float32) for item in (observations, scores, changes, counts))
    )


def clone_policy(
    samples: Samples, repertoire: Sequence[str], *, seed: int, epochs: int = EPOCHS
) -> Policy:
    """Return a network trained to decide as the samples do."""
    import torch

    torch.manual_seed(seed)
    count = len(repertoire)
    network = torch.nn.Sequential(
        torch.nn.Linear(observation_size(count), WIDTH),
        torch.nn.Tanh(),
        torch.nn.Linear(WIDTH, WIDTH),
        torch.nn.Tanh(),
        torch.nn.Linear(WIDTH, count + MOST_PARTS),
    )
    data = [
        torch.from_numpy(item)
        for item in (samples.observations, samples.scores, samples.changes, samples.counts)
    ]
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    random = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        order = torch.randperm(len(data[0]), generator=random)
        for at in range(0, len(order), 128):
            seen, score, change, counts = (item[order[at : at + 128]] for item in data)
            out = network(seen)
            chosen = score.sum(1) > 0
            loss = ((out[:, count:] - change) ** 2 * counts).sum() / counts.sum().clamp(min=1)
            if chosen.any():
                likely = torch.log_softmax(_SCORE_SCALE * out[chosen, :count], dim=1)
                loss = loss + 0.3 * -(score[chosen] * likely).sum(1).mean()
            # Actions are clipped to -1 and 1; scores beyond would all look alike.
            loss = loss + 10 * (out.abs() - 0.95).clamp(min=0).pow(2).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        schedule.step()
    return _policy_of(network, repertoire, ("0", "2", "4"))


def _policy_of(network: Any, repertoire: Sequence[str], names: Sequence[str]) -> Policy:
    state = network.state_dict()
    layers = tuple(
        (
            state[f"{name}.weight"].detach().numpy().astype(np.float32),
            state[f"{name}.bias"].detach().numpy().astype(np.float32),
        )
        for name in names
    )
    return Policy(tuple(repertoire), layers)


def improve(policy: Policy, specs: Sequence[FilterSpec], *, steps: int, seed: int) -> Policy:
    """Return a policy that went on by PPO from another, on masks that grow harder.

    The curriculum: first the masks that the policy's first choice nearly meets as it is, then all.
    """
    import torch
    from stable_baselines3 import PPO

    torch.set_num_threads(1)
    ranked = sorted(specs, key=lambda spec: spec.tier == "hard")
    easy = ranked[: max(1, int(0.7 * len(ranked)))]
    agent: Any = None
    for share, pool in ((0.4, easy), (0.6, list(specs))):
        env = FilterDesignEnv(specs=pool, repertoire=policy.repertoire)
        if agent is None:
            agent = PPO(
                "MlpPolicy",
                env,
                n_steps=512,
                batch_size=128,
                n_epochs=5,
                learning_rate=1e-4,
                gamma=1.0,
                gae_lambda=0.95,
                clip_range=0.1,
                ent_coef=0.0,
                seed=seed,
                device="cpu",
                policy_kwargs={
                    "net_arch": {"pi": [WIDTH, WIDTH], "vf": [WIDTH, WIDTH]},
                    "log_std_init": -2.5,
                },
            )
            _load(agent, policy)
        else:
            agent.set_env(env)
        agent.learn(max(512, int(share * steps)), reset_num_timesteps=False)
    made = agent.policy.mlp_extractor.policy_net
    names = [(made[0]), (made[2]), (agent.policy.action_net)]
    layers = tuple(
        (
            layer.weight.detach().numpy().astype(np.float32).copy(),
            layer.bias.detach().numpy().astype(np.float32).copy(),
        )
        for layer in names
    )
    return Policy(policy.repertoire, layers)


def _load(agent: Any, policy: Policy) -> None:
    import torch

    made = agent.policy.mlp_extractor.policy_net
    with torch.no_grad():
        for layer, (weight, bias) in zip(
            (made[0], made[2], agent.policy.action_net), policy.layers, strict=True
        ):
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.copy_(torch.from_numpy(bias))


def played(policy: Policy, specs: Sequence[FilterSpec]) -> tuple[float, float]:
    """Return the mean return and the share of masks kept, each mask played once."""
    returns, solved = [], []
    env = FilterDesignEnv(specs=specs, repertoire=policy.repertoire)
    for spec in specs:
        starts = plain_starts(spec)
        if not any(name in starts for name in policy.repertoire):
            continue
        seen, _ = env.reset(seed=0, options={"spec": spec})
        total, done, info = 0.0, False, {}
        while not done:
            action = np.clip(policy.act(seen), -1.0, 1.0)
            seen, reward, done, _, info = env.step(action)
            total += reward
        returns.append(total)
        solved.append(bool(info["solved"]))
    return round(float(np.mean(returns)), 4), round(float(np.mean(solved)), 4)


def first_choice(policy: Policy, lines: Sequence[Mapping[str, Any]]) -> float:
    """Return how often the first circuit it names is one that meets the mask, when refined."""
    hits = total = 0
    for line in lines:
        spec = spec_of(line["spec"])
        found = {item["topology"]: item["margin_db"] for item in line["solutions"]}
        names = policy.ranking(spec, list(plain_starts(spec)))
        if not names or max(found.values()) < 0.03:
            continue
        total += 1
        hits += found.get(names[0], -1.0) > 0.03
    return hits / max(total, 1)
