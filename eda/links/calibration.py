"""Calibration of an ensemble: how much sharper or flatter the answer to a question is made.

A number is added to the logit of "none", which training scenes have made more or less common than
it is. Then the logits of a question are multiplied by ``exp(constant + candidates * log(n) +
disagreement * d)``, where n is the number of candidates and d the share of the models whose own
first answer is another one than that of all together. The order of the nets stays, and ties
stay ties. The four numbers are fitted on validation circuits (`eda.links.calibrate`) for one set
of weights, and stand in ``calibration.json`` beside them.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT: Final = "eda.links.calibration/1"
FILE: Final = "calibration.json"
MAX_BYTES: Final = 1_000_000
LARGEST: Final = 10.0
"""No number of a calibration is larger than this."""
_MOST: Final = 3.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """The numbers of a calibration; all zero leaves the logits as they are.

    Attributes:
        constant: Of every question.
        candidates: Per natural logarithm of the number of candidates.
        disagreement: Per share of models that would have answered otherwise.
        none: Added to the logit of "none" before all that.
    """

    constant: float = 0.0
    candidates: float = 0.0
    disagreement: float = 0.0
    none: float = 0.0

    def sharpness(
        self, count: NDArray[np.integer], disagreement: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return what the logits of each question are multiplied by.

        Example:
            >>> plain = Calibration()
            >>> plain.sharpness(np.array([12]), np.array([0.0])).tolist()
            [1.0]
        """
        power = (
            self.constant
            + self.candidates * np.log(np.maximum(count, 1))
            + self.disagreement * disagreement
        )
        factor: NDArray[np.float64] = np.exp(np.clip(power, -_MOST, _MOST))
        return factor


PLAIN: Final = Calibration()


def set_key(digests: Iterable[str]) -> str:
    """Return under what a set of weights is found; the order of the weights does not matter."""
    return "+".join(sorted(digests))


def disagreement(
    model_pairs: NDArray[np.floating],
    model_none: NDArray[np.floating],
    pair_query: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Return for each question the share of models whose first answer is not that of their mean.

    Args:
        model_pairs: [models, pairs], logits.
        model_none: [models, queries], logits of "none".
        pair_query: [pairs], ascending.
    """
    together = firsts(model_pairs.mean(axis=0), model_none.mean(axis=0), pair_query)
    other = np.zeros(len(together))
    for pairs, none in zip(model_pairs, model_none, strict=True):
        other += firsts(pairs, none, pair_query) != together
    return other / len(model_pairs)


def firsts(
    pairs: NDArray[np.floating], none: NDArray[np.floating], pair_query: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Return the best pair of each question, -1 where that is "none"."""
    highest = none.astype(np.float64)
    np.maximum.at(highest, pair_query, pairs)
    first = np.full(len(none), -1, dtype=np.int64)
    best = np.flatnonzero(pairs >= highest[pair_query])
    # Of several equal ones the first: written last.
    first[pair_query[best[::-1]]] = best[::-1]
    return first


def save_calibrations(path: Path, calibrations: Mapping[str, Calibration], about: str) -> None:
    """Write the calibrations of a folder of weights.

    Args:
        path: The file.
        calibrations: By `set_key`.
        about: What they were fitted on.
    """
    value = {
        "format": FORMAT,
        "fitted_on": about,
        "sets": {key: asdict(item) for key, item in sorted(calibrations.items())},
    }
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    part.replace(path)


def load_calibrations(path: Path) -> dict[str, Calibration]:
    """Read the calibrations of a folder of weights; none where the file is absent.

    Raises:
        WeightsError: The file is no such file.
    """
    try:
        if not path.exists():
            return {}
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES} bytes")
        value = json.loads(path.read_text("utf-8"))
        if value.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        found = {str(key): _checked(item) for key, item in value["sets"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(
            f"{path}: not a calibration ({error}); make it anew with: eda train links --calibrate"
        ) from error
    return found


def _checked(item: Mapping[str, Any]) -> Calibration:
    made = Calibration(**{key: float(value) for key, value in item.items()})
    if not all(math.isfinite(value) and abs(value) <= LARGEST for value in asdict(made).values()):
        raise ValueError("a number in it is not finite or too large")
    return made
