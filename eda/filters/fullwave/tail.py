"""How signals go on after a simulation has ended: as the sum of the filter's own modes.

Once the pulse has passed, what is left in a filter rings in damped modes, the same for all probes.
They are found from the last part of the signals by the matrix pencil (Y. Hua and T. K. Sarkar,
"Matrix pencil method for estimating parameters of exponentially damped/undamped sinusoids in
noise", IEEE Trans. ASSP 38, 1990), and the signals are drawn out until they have died away. A
simulation can then end when the modes are known, which is long before it is quiet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.fullwave.waves import Complex, Real, Signals

MOST_MODES: Final = 30
_NOISE: Final = 1e-6
"""Singular values below this share of the largest are none."""

_MOST_SAMPLES: Final = 600
_LEAST_SAMPLES: Final = 64
_PULSE: Final = 2.2
"""The pulse has passed after so many times what it takes to its peak."""

_HELD_BACK: Final = 4
"""One in so many samples is foretold from the others."""

KNOWN: Final = 1e-4
"""Signals are foretold within this share of their peak once the modes are known. Five times as much
is too much for filters of five resonators: one came out with thirteen times the power."""

_LOOSE: Final = 4.0
"""Signals are drawn out where modes fit them within so many times that."""

_QUIET: Final = 3e-4
_LONGEST: Final = 6
"""A signal is drawn out to so many times its length at most."""


@dataclass(frozen=True, eq=False)
class Modes:
    """Damped modes that signals share.

    Attributes:
        start: Sample that they are counted from.
        turn: What each mode is multiplied by from one sample to the next.
        size: Of each mode at the start, by signal.
    """

    start: int
    turn: Complex
    size: Mapping[str, Complex]

    def at(self, name: str, samples: NDArray[np.int64]) -> Real:
        """Return a signal at samples."""
        powers = self.turn[None, :] ** (samples - self.start)[:, None]
        return np.asarray((powers @ self.size[name]).real)


def modes_of(signals: Signals, start: int, stop: int) -> Modes:
    """Return the modes of signals between two samples."""
    length = stop - start
    pencil = length // 2
    rows = []
    for _, values in signals.values():
        part = values[start:stop]
        scale = np.abs(part).max() or 1.0
        rows.append(np.lib.stride_tricks.sliding_window_view(part / scale, pencil + 1))
    left, weights, _ = np.linalg.svd(np.concatenate(rows).T, full_matrices=False)
    count = min(MOST_MODES, int((weights > _NOISE * weights[0]).sum()))
    basis = left[:, :count]
    turn = np.linalg.eigvals(np.linalg.lstsq(basis[:-1], basis[1:], rcond=None)[0])
    turn = turn[(np.abs(turn) < 1) & (np.abs(turn) > 1e-3)]
    powers = turn[None, :] ** np.arange(length)[:, None]
    size = {
        name: np.asarray(np.linalg.lstsq(powers, values[start:stop], rcond=1e-10)[0], np.complex128)
        for name, (_, values) in signals.items()
    }
    return Modes(start, np.asarray(turn, np.complex128), size)


def window_of(signals: Signals) -> tuple[int, int] | None:
    """Return first and last sample (exclusive) in which modes can be sought, or nothing."""
    stop = min(len(values) for _, values in signals.values())
    passed = max(int(np.abs(signals[name][1]).argmax()) for name in ("u1b", "u2b"))
    first = int(np.abs(signals["u1b"][1]).argmax())
    start = max(stop // 2, int(_PULSE * first), passed + 1, stop - _MOST_SAMPLES)
    return (start, stop) if stop - start >= _LEAST_SAMPLES else None


def foretold(signals: Signals) -> bool:
    """Return whether the last samples follow from those before: the modes are known then."""
    window = window_of(signals)
    if window is None:
        return False
    start, stop = window
    held = stop - (stop - start) // _HELD_BACK
    modes = modes_of(signals, start, held)
    return _misfit(modes, signals, held, stop) < KNOWN


def _misfit(modes: Modes, signals: Signals, start: int, stop: int) -> float:
    """Return the largest error of modes over the peak of a signal."""
    samples = np.arange(start, stop)
    return max(
        float(np.abs(modes.at(name, samples) - values[start:stop]).max() / np.abs(values).max())
        for name, (_, values) in signals.items()
    )


def drawn_out(signals: Signals) -> dict[str, tuple[Real, Real]]:
    """Return signals that go on until they have died away; as they were where modes do not fit."""
    window = window_of(signals)
    if window is None:
        return dict(signals)
    modes = modes_of(signals, *window)
    if _misfit(modes, signals, *window) > _LOOSE * KNOWN:
        return dict(signals)
    stop = window[1]
    slowest = float(np.abs(modes.turn).max())
    more = min(int(np.log(_QUIET) / np.log(slowest)) + 1, (_LONGEST - 1) * stop)
    samples = np.arange(stop, stop + more)
    made = {}
    for name, (time, values) in signals.items():
        step = (time[stop - 1] - time[0]) / (stop - 1)
        later = time[stop - 1] + step * np.arange(1, more + 1)
        made[name] = (
            np.concatenate([time[:stop], later]),
            np.concatenate([values[:stop], modes.at(name, samples)]),
        )
    return made
