"""S-parameters: from ngspice's vectors to a matrix, a scikit-rf Network, a Touchstone file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import InputError
from eda.spice.measures.crossings import Complex, Real

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ENTRY: Final = re.compile(r"s_(\d+)_(\d+)$", re.IGNORECASE)


def s_matrix(vectors: Mapping[str, NDArray[Any]]) -> Complex:
    """Return the S-parameters of an ``sp`` analysis: complex, points x ports x ports, no unit.

    Entry ``[k, i, j]`` is the wave out of port i+1 by that into port j+1, at point k.

    Args:
        vectors: Arrays by name; those named ``S_i_j`` are taken.

    Raises:
        InputError: There are none, or the matrix has gaps.
    """
    found = {
        (int(match[1]), int(match[2])): np.asarray(values)
        for name, values in vectors.items()
        if (match := _ENTRY.match(name))
    }
    ports = max((max(key) for key in found), default=0)
    wanted = {(i, j) for i in range(1, ports + 1) for j in range(1, ports + 1)}
    if not found or set(found) != wanted:
        missing = ", ".join(f"S_{i}_{j}" for i, j in sorted(wanted - set(found))) or "S_1_1"
        raise InputError(
            f"no S-parameters: {missing} is not there; run an sp analysis on a deck whose ports "
            "are voltage sources with portnum"
        )
    points = {values.size for values in found.values()}
    if len(points) != 1:
        raise InputError("the S-parameters differ in their number of points")
    made = np.empty((points.pop(), ports, ports), dtype=np.complex128)
    for (i, j), values in found.items():
        made[:, i - 1, j - 1] = values
    return made


def to_network(frequency_hz: Real, s: Complex, *, z0: float = 50.0, name: str = "") -> Any:
    """Return a scikit-rf ``Network``, which has plots, gains, stability and much more.

    Args:
        frequency_hz: Frequencies.
        s: Points x ports x ports.
        z0: Reference resistance of every port, in ohm.
        name: What to call it.
    """
    import skrf

    frequency = skrf.Frequency.from_f(frequency_hz, unit="Hz")
    return skrf.Network(frequency=frequency, s=s, z0=z0, name=name or None)


def write_touchstone(path: Path | str, frequency_hz: Real, s: Complex, *, z0: float = 50.0) -> Path:
    """Write a Touchstone file (real and imaginary parts, Hz) and return its path.

    Raises:
        InputError: The suffix is not the one for so many ports (``.s2p`` for two).
    """
    path = Path(path)
    suffix = f".s{s.shape[1]}p"
    if path.suffix.lower() != suffix:
        raise InputError(f"{path} holds {s.shape[1]} ports; name it {path.stem}{suffix}")
    network = to_network(frequency_hz, s, z0=z0, name=path.stem)
    # With its suffix: scikit-rf takes whatever stands behind a dot in a stem for one.
    network.write_touchstone(path.name, dir=str(path.parent), form="ri")
    return path
