"""Which signal belongs at an open fanin, and inverted or not: a small network over features.

Two layers score the plain and the inverted literal of every candidate, each apart from the others;
probabilities are a softmax over all of them. In numpy; training is in `eda.logic.fanin_train`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import WeightsError
from eda.logic.fanin_features import Surroundings, features
from eda.logic.open_fanins import forbidden, open_circuit
from eda.tensors import read_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.aig import Aig
    from eda.logic.fanin_features import Floats
    from eda.logic.open_fanins import Ints

FOLDER: Final = Path(__file__).parent / "weights"
NAME: Final = "fanins.safetensors"
SCHEMA: Final = "eda.logic.fanins/1"
CLIP: Final = 6.0
"""Scaled features are cut off here, so that an unusual circuit stays within what was learned."""

MOST_CANDIDATES: Final = 4096
"""Of more legal signals, those nearest in level to the other fanin are ranked."""

_SHAPES: Final = ("mean", "scale", "weight0", "bias0", "weight1", "bias1", "weight2", "bias2")


@dataclass(frozen=True, eq=False)
class FaninModel:
    """The network.

    Attributes:
        arrays: Mean and scale of the features, and weight ``[out, in]`` and bias of each layer.
    """

    arrays: dict[str, NDArray[np.float32]]

    def scores(self, found: Floats) -> Floats:
        """Return scores of the plain and the inverted literal, ``[..., 2]``.

        Args:
            found: Features, as `eda.logic.fanin_features.features` makes them.
        """
        a = self.arrays
        x = np.clip((found - a["mean"]) / a["scale"], -CLIP, CLIP)
        for layer in range(3):
            x = x @ a[f"weight{layer}"].T + a[f"bias{layer}"]
            if layer < 2:
                x = x / (1 + np.exp(-x))
        made: Floats = x
        return made


@cache
def load_fanin_model(folder: Path = FOLDER) -> FaninModel:
    """Return the network of a folder, by default the shipped one.

    Raises:
        WeightsError: There is none, or it is not of this shape.
    """
    path = folder / NAME
    metadata, arrays = read_weights(path, maker="eda train fanins")
    _check(path, metadata, arrays)
    return FaninModel({name: arrays[name] for name in _SHAPES})


def _check(path: Path, metadata: dict[str, str], arrays: dict[str, Any]) -> None:
    if metadata.get("schema") != SCHEMA or set(arrays) != set(_SHAPES):
        raise WeightsError(f"{path}: not the weights of open fanins ({SCHEMA})")
    wide, hidden = feature_count(), len(arrays["bias0"].reshape(-1))
    wanted = {"mean": (wide,), "scale": (wide,), "weight0": (hidden, wide), "bias0": (hidden,)}
    wanted |= {"weight1": (hidden, hidden), "bias1": (hidden,)}
    wanted |= {"weight2": (2, hidden), "bias2": (2,)}
    for name, shape in wanted.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
            raise WeightsError(
                f"{path}: {name} is {array.dtype} {array.shape}; it must be finite float32 {shape}"
            )


@cache
def feature_count() -> int:
    """Return how many features a candidate has."""
    from eda.aig import Aig

    tiny = open_circuit(Aig(2, fanins=[[2, 1]], outputs=[6]))  # type: ignore[arg-type]
    return int(features(Surroundings(tiny), np.array([0]), np.array([[2]])).shape[-1])


@dataclass(frozen=True, slots=True)
class FaninCandidate:
    """A literal that may stand at an open fanin.

    Attributes:
        literal: In the numbering of the circuit that was given.
        probability: Of all literals ranked.
    """

    literal: int
    probability: float


@dataclass(frozen=True, slots=True)
class FaninPrediction:
    """What may stand at an open fanin.

    Attributes:
        gate: Literal of the AND.
        sibling: Its other fanin, a literal.
        legal: How many signals make no loop.
        candidates: The best literals of those ranked, best first; at most one of a signal.
    """

    gate: int
    sibling: int
    legal: int
    candidates: tuple[FaninCandidate, ...]


def predict_fanins(
    aig: Aig, *, top: int = 10, model: FaninModel | None = None, seed: int = 0
) -> list[FaninPrediction]:
    """Rank the signals of a circuit for every AND that lacks a fanin.

    A fanin is missing where it is the constant 1. Latches count as inputs. All signals that make
    no loop are ranked, up to `MOST_CANDIDATES`.

    Args:
        aig: The circuit; without missing fanins the answer is empty.
        top: How many signals are given of each.
        model: Another network than the shipped one.
        seed: Draws the patterns that are simulated.

    Example:
        >>> from eda.aig import Aig
        >>> made = predict_fanins(Aig(2, fanins=[[2, 1]], outputs=[6]))
        >>> made[0].gate, made[0].candidates[0].literal >> 1
        (6, 2)
    """
    model = model or load_fanin_model()
    opened = open_circuit(aig)
    around = Surroundings(opened, seed)
    levels = opened.aig.levels
    made = []
    for start in range(0, len(opened.gates), 64):
        asked = np.arange(start, min(start + 64, len(opened.gates)))
        barred = forbidden(opened, asked)
        for row, number in enumerate(asked.tolist()):
            legal = np.flatnonzero(~barred[row])
            chosen = legal
            if len(legal) > MOST_CANDIDATES:
                away = np.abs(levels[legal] - levels[opened.siblings[number] >> 1])
                chosen = legal[np.argsort(away, kind="stable")[:MOST_CANDIDATES]]
            made.append(_ranked(around, model, number, chosen, len(legal), top))
    return made


def _ranked(
    around: Surroundings, model: FaninModel, number: int, chosen: Ints, legal: int, top: int
) -> FaninPrediction:
    opened = around.opened
    scores = model.scores(features(around, np.array([number]), chosen[None]))[0]
    chances = np.exp(scores - scores.max(initial=-np.inf))
    chances /= max(float(chances.sum()), 1e-30)
    order = np.argsort(-chances.sum(axis=1), kind="stable")[:top]
    flips = chances[order].argmax(axis=1)
    literals = opened.original(2 * chosen[order] + flips)
    ends = opened.original(np.array([2 * opened.gates[number], opened.siblings[number]]))
    return FaninPrediction(
        int(ends[0]),
        int(ends[1]),
        legal,
        tuple(
            FaninCandidate(int(literal), float(chance))
            for literal, chance in zip(literals, chances[order, flips], strict=True)
        ),
    )
