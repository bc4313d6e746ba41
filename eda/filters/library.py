"""Measured parts: a folder of vendors' ``.s2p`` files, and filters made of just those.

A file is one inductor or capacitor, measured in series between two ports or from the line to
ground. Each is described by three elements (inductor: L and R in series, C across; capacitor: C, R
and L in series) fitted to the measurement; evaluator and deck use the same three.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError
from eda.filters.deck import value_text
from eda.filters.evaluator import Evaluator
from eda.filters.network import PartKind, Topology
from eda.filters.nodal import Response, respond

Real = NDArray[np.float64]

_MOST_FILES: Final = 2000
_LARGEST_BYTES: Final = 8 * 2**20
_ON_GRID: Final = 1e-6


@dataclass(frozen=True, slots=True)
class LibraryPart:
    """A measured part.

    Attributes:
        name: Its file's name without the suffix.
        kind: ``inductor`` or ``capacitor``.
        value: Its inductance or capacitance, from the measurement, in SI units.
        resistance_ohm: In series.
        parasitic: Capacitance across an inductor, inductance in series with a capacitor.
        error: Root mean square of the fit's relative error of the impedance.
    """

    name: str
    kind: PartKind
    value: float
    resistance_ohm: float
    parasitic: float
    error: float

    def admittance(self, frequency_hz: Any) -> Any:
        """Return the admittance at frequencies, in siemens."""
        s = 2j * np.pi * frequency_hz
        if self.kind == "inductor":
            return 1 / (self.resistance_ohm + s * self.value) + s * self.parasitic
        return 1 / (self.resistance_ohm + s * self.parasitic + 1 / (s * self.value))

    def cards(self) -> list[str]:
        """Return it as a subcircuit of a deck."""
        name, r = self.subcircuit, f"{max(self.resistance_ohm, 1e-6):.9g}"
        if self.kind == "inductor":
            inner = [f"L1 a m {self.value:.9g}", f"R1 m b {r}"]
            if self.parasitic > 0:
                inner.append(f"C1 a b {self.parasitic:.9g}")
        else:
            inner = [f"C1 a m {self.value:.9g}", f"R1 m n {r}"]
            inner.append(f"L1 n b {max(self.parasitic, 1e-15):.9g}")
        return [f".subckt {name} a b", *inner, f".ends {name}"]

    @property
    def subcircuit(self) -> str:
        """A name that any deck can hold."""
        plain = "".join(char if char.isalnum() else "_" for char in self.name)
        return f"part_{plain.lower()}"


def read_library(folder: str | os.PathLike[str]) -> tuple[LibraryPart, ...]:
    """Return the parts of a folder, sorted by kind and value.

    Raises:
        InputError: The folder has no ``.s2p`` files, or one of them is no part.
    """
    at = Path(folder)
    files = sorted(path for path in at.glob("*") if path.suffix.lower() == ".s2p")
    if not files:
        raise InputError(f"{folder}: no .s2p files; name a folder of measured parts")
    if len(files) > _MOST_FILES:
        raise InputError(f"{folder}: {len(files)} files; {_MOST_FILES} are the most")
    parts = [read_part(path) for path in files]
    return tuple(sorted(parts, key=lambda part: (part.kind, part.value, part.name)))


def read_part(path: Path) -> LibraryPart:
    """Return the part that a Touchstone file describes.

    Raises:
        InputError: It cannot be read, or is neither an inductor nor a capacitor.
    """
    import skrf

    if path.stat().st_size > _LARGEST_BYTES:
        raise InputError(f"{path}: larger than {_LARGEST_BYTES} bytes; this is no single part")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = skrf.Network(str(path))
        frequency, chain = np.asarray(network.f, float), np.asarray(network.a)
        z0 = float(np.real(network.z0).flat[0])
    except Exception as error:  # whatever the reader stumbles over, it is the file's fault
        raise InputError(f"{path}: no Touchstone file of two ports ({error})") from error
    if len(frequency) < 3 or not np.isfinite(chain).all():
        raise InputError(f"{path}: fewer than three usable points")
    keep = frequency > 0
    frequency, chain = frequency[keep], chain[keep]
    series = np.median(np.abs(chain[:, 0, 1])) / z0
    shunt = np.median(np.abs(chain[:, 1, 0])) * z0
    z = chain[:, 0, 1] if series >= shunt else 1 / chain[:, 1, 0]
    return fit_part(path.stem, frequency, z)


def fit_part(name: str, frequency_hz: Real, z: NDArray[np.complex128]) -> LibraryPart:
    """Return the part that fits a measured impedance best.

    Raises:
        InputError: It is neither an inductor nor a capacitor at its low end.
    """
    from scipy.optimize import least_squares

    omega = 2 * np.pi * frequency_hz
    head = slice(0, max(3, len(omega) // 5))
    reactance = float(np.median(z.imag[head]))
    if not np.isfinite(reactance) or abs(reactance) < 1e-12:
        raise InputError(f"{name}: neither an inductor nor a capacitor")
    kind: PartKind = "inductor" if reactance > 0 else "capacitor"
    # With little resistance, an inductor has Im(y) w = -1/L + C w^2, a capacitor
    # Im(z) w = -1/C + L w^2: straight lines, weighted by their own size.
    line = (1 / z if kind == "inductor" else z).imag * omega
    weight = 1 / np.maximum(np.abs(line), 1e-3 * np.median(np.abs(line)))
    rows = np.stack([-weight, omega**2 * weight], axis=1)
    inverse, parasitic = np.linalg.lstsq(rows, line * weight, rcond=None)[0]
    first = float(omega[head].mean())
    plain = reactance / first if kind == "inductor" else -1 / (reactance * first)
    value = 1 / inverse if inverse > 0 else plain
    parasitic = max(float(parasitic), 1e-16)
    start = np.log([value, max(float(np.median(z.real)), 1e-4), parasitic])

    def made(x: Real) -> LibraryPart:
        a, b, c = (float(v) for v in np.exp(x))
        return LibraryPart(name, kind, a, b, c, 0.0)

    def residual(x: Real) -> Real:
        off = (1 / made(x).admittance(frequency_hz) - z) / np.abs(z)
        return np.concatenate([off.real, off.imag])

    room = np.array([1.0, 12.0, 12.0])
    low, high = start - room, start + room
    with np.errstate(all="ignore"):
        fit = least_squares(residual, start, bounds=(low, high), loss="soft_l1", f_scale=0.1)
    part = made(fit.x)
    error = float(np.sqrt(np.mean(residual(fit.x) ** 2)))
    return LibraryPart(name, kind, part.value, part.resistance_ohm, part.parasitic, error)


@dataclass(slots=True)
class LibraryEvaluator(Evaluator):
    """Evaluates designs of measured parts by their measurements, others by the law of losses.

    Attributes:
        parts: The library.
    """

    parts: tuple[LibraryPart, ...] = ()

    def _respond(self, topology: Topology, log_values: Real, **more: Any) -> Response:
        more.pop("tables", None)
        tables = [
            self._table(part.kind, log_values[:, at]) for at, part in enumerate(topology.parts)
        ]
        with np.errstate(all="ignore"):
            return respond(
                topology,
                log_values,
                self.mask.frequency_hz,
                self.physics,
                tables=tables if all(table is not None for table in tables) else None,
                **more,
            )

    def on(self, mask: Any) -> LibraryEvaluator:
        """Return an evaluator of another mask that keeps the same record."""
        return LibraryEvaluator(mask, self.physics, self.ledger, self.parts)

    def _table(self, kind: str, log_values: Real) -> Any:
        rows = []
        for value in log_values:
            part = find_part(self.parts, kind, float(np.exp(value)))
            if part is None:
                return None
            rows.append(part.admittance(self.mask.frequency_hz))
        return np.array(rows)


def find_part(parts: Sequence[LibraryPart], kind: str, value: float) -> LibraryPart | None:
    """Return the part of this value, or None."""
    near = [part for part in parts if part.kind == kind and abs(part.value / value - 1) < _ON_GRID]
    return min(near, key=lambda part: part.resistance_ohm) if near else None


def library_cards(
    parts: Sequence[LibraryPart], topology: Topology, values: Sequence[float]
) -> dict[str, LibraryPart]:
    """Return the measured part behind every part of a design, by name.

    Raises:
        InputError: A value is not in the library.
    """
    found = {}
    for part, value in zip(topology.parts, values, strict=True):
        chosen = find_part(parts, part.kind, value)
        if chosen is None:
            raise InputError(f"{part.name}: {value_text(value)} is not in the library")
        found[part.name] = chosen
    return found
