"""The learned policy at work: which circuits to try for a mask, and where to start their values.

A small network, in numpy: it sees the mask as a vector, says which circuit of its repertoire suits,
and then, shown the circuit and how it does, by how much to change its textbook values. Training is
elsewhere (`eda train filters`); here are only its weights.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import WeightsError
from eda.filters.evaluator import Evaluator
from eda.filters.features import SIZE as FEATURES
from eda.filters.features import features
from eda.filters.mask import Mask
from eda.filters.spec import FilterSpec
from eda.filters.starts import Start, log_bounds, rules_of, textbook

Real = NDArray[np.float64]

FOLDER: Final = Path(__file__).parent / "weights"
NAME: Final = "policy"
BANDS: Final = 6
"""Bands whose margins the policy is shown."""

MOST_PARTS: Final = 20
"""Values it can change; a circuit of more keeps the textbook's for the rest."""

STEPS: Final = 3
"""Changes of the values, one after another."""

REACH: Final = 0.35
"""Largest change of a value's natural logarithm in one step."""

_SCHEMA: Final = "eda.filters.policy/1"


@dataclass(frozen=True)
class Policy:
    """The network and its repertoire.

    Attributes:
        repertoire: Names of the circuits it can choose.
        layers: Weight and bias of each layer; tanh between them.
    """

    repertoire: tuple[str, ...]
    layers: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]

    def act(self, observation: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean action: a score of every circuit, then a change of every value."""
        x = observation
        for at, (weight, bias) in enumerate(self.layers):
            x = weight @ x + bias
            if at < len(self.layers) - 1:
                x = np.tanh(x)
        return np.asarray(x, dtype=np.float32)

    def ranking(self, spec: FilterSpec, allowed: Sequence[str]) -> list[str]:
        """Return the circuits among ``allowed`` that it knows, the most promising first."""
        scores = self.act(observe(spec, len(self.repertoire)))
        known = [name for name in self.repertoire if name in set(allowed)]
        place = {name: at for at, name in enumerate(self.repertoire)}
        return sorted(known, key=lambda name: -float(scores[place[name]]))

    def tuned(self, spec: FilterSpec, start: Start, evaluator: Evaluator, steps: int) -> Start:
        """Return a start whose values were changed in some steps, the best one on the way.

        Every step costs one evaluation.
        """
        low, high = log_bounds(rules_of(spec, start.topology))
        x = np.clip(np.log(start.values), low, high)
        count = min(len(x), MOST_PARTS)
        chosen = self.repertoire.index(start.topology.name)
        best, best_x = -np.inf, x
        for at in range(steps + 1):
            gain, back = evaluator.levels(start.topology, x)
            margin = float(evaluator.mask.margins(gain[None], back[None]).min())
            if margin > best:
                best, best_x = margin, x
            if at == steps:
                break
            seen = observe(
                spec,
                len(self.repertoire),
                chosen=chosen,
                step=at,
                margins=feedback(evaluator.mask, gain, back),
            )
            action = self.act(seen)[len(self.repertoire) :][:count]
            x = x.copy()
            x[:count] = np.clip(
                x[:count] + REACH * np.clip(action, -1.0, 1.0), low[:count], high[:count]
            )
        values = tuple(float(value) for value in np.exp(best_x))
        return Start(start.topology, values, f"{start.origin}, changed by the policy")

    def proposals(
        self, spec: FilterSpec, evaluator: Evaluator, *, most: int, steps: int = STEPS
    ) -> list[Start]:
        """Return starts in the order in which they should be tried."""
        by_name: dict[str, Start] = {}
        for start in textbook(spec, plain=True):
            by_name.setdefault(start.topology.name, start)
        names = self.ranking(spec, list(by_name))[:most]
        return [self.tuned(spec, by_name[name], evaluator, steps) for name in names]


def observation_size(repertoire: int) -> int:
    """Return how long an observation is."""
    return FEATURES + repertoire + STEPS + 1 + BANDS


def observe(
    spec: FilterSpec,
    repertoire: int,
    *,
    chosen: int | None = None,
    step: int = 0,
    margins: NDArray[np.float32] | None = None,
    known: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return what the policy sees.

    Args:
        spec: The specification.
        repertoire: Number of circuits it can choose from.
        chosen: The one it chose; None before.
        step: Changes of values made so far.
        margins: From `feedback`.
        known: The vector of the specification, where it has been worked out.
    """
    made = np.zeros(observation_size(repertoire), dtype=np.float32)
    made[:FEATURES] = features(spec) if known is None else known
    if chosen is None:
        return made
    made[FEATURES + chosen] = 1.0
    made[FEATURES + repertoire + min(step, STEPS)] = 1.0
    if margins is not None:
        made[-BANDS:] = margins
    return made


def feedback(mask: Mask, gain_db: Real, back_db: Real) -> NDArray[np.float32]:
    """Return the least margin of each band, squeezed between -1 and 1."""
    made = np.zeros(BANDS, dtype=np.float32)
    for at, margin in enumerate(list(mask.by_band(gain_db, back_db).values())[:BANDS]):
        made[at] = np.tanh(margin / 5.0) if np.isfinite(margin) else -1.0
    return made


def shipped_policy() -> Policy | None:
    """Return the policy that comes with the toolkit, or None where there is none."""
    if not (FOLDER / f"{NAME}.safetensors").is_file():
        return None
    return _read(FOLDER)


@cache
def _read(folder: Path) -> Policy:
    return read_policy(folder)


def read_policy(folder: str | os.PathLike[str]) -> Policy:
    """Return the policy in a folder: ``policy.safetensors`` and ``policy.json``.

    Raises:
        WeightsError: The files are not there, or do not fit each other.
    """
    from safetensors.numpy import load_file

    at = Path(folder)
    try:
        card: Any = json.loads((at / f"{NAME}.json").read_text(encoding="utf-8"))
        arrays = load_file(at / f"{NAME}.safetensors")
        repertoire = tuple(str(name) for name in card["repertoire"])
        if card["schema"] != _SCHEMA:
            raise WeightsError(f"{at}: schema {card['schema']!r}; this reads {_SCHEMA!r}")
        count = sum(name.endswith(".weight") for name in arrays)
        layers = tuple((arrays[f"{k}.weight"], arrays[f"{k}.bias"]) for k in range(count))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{at}: holds no policy ({error}); train one: eda train filters"
        ) from error
    shapes = [weight.shape for weight, _ in layers]
    wanted = (observation_size(len(repertoire)), len(repertoire) + MOST_PARTS)
    if not shapes or (shapes[0][1], shapes[-1][0]) != wanted:
        raise WeightsError(f"{at}: the network does not fit its repertoire; train it anew")
    return Policy(repertoire, layers)


def write_policy(folder: Path, policy: Policy, card: dict[str, Any]) -> None:
    """Write a policy and its card to a folder."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for at, (weight, bias) in enumerate(policy.layers):
        arrays[f"{at}.weight"] = np.ascontiguousarray(weight, dtype=np.float32)
        arrays[f"{at}.bias"] = np.ascontiguousarray(bias, dtype=np.float32)
    save_file(arrays, folder / f"{NAME}.safetensors")
    text = json.dumps({"schema": _SCHEMA, "repertoire": list(policy.repertoire), **card}, indent=1)
    (folder / f"{NAME}.json").write_text(text + "\n", encoding="utf-8")
