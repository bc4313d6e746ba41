"""# Known: the circuits that the generator has learned from, as hashes and neighbourhoods.

It tells whether a circuit is new, and which known one it is nearest to. The circuits themselves
are not in it. Hashes know of the ports nothing but the rails, so that renaming a port makes
nothing new; an equal hash always counts as the same circuit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import WeightsError
from eda.tensors import replace_file
from eda.topology.likeness import BITS, neighbourhoods
from eda.topology.weights import FOLDER, MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from eda.topology.circuit import Topology

FILE: Final = "known.safetensors"
_FORMAT: Final = "eda.topology-known/1"


@dataclass(frozen=True)
class Known:
    """Circuits that are known.

    Attributes:
        names: Of those whose neighbourhoods are kept.
        keys: Hashes of all of them, and of others that are no news either.
        starts: int64 [names + 1]: where the neighbourhoods of each begin.
        labels: uint16: neighbourhoods.
        counts: uint8: how often each is there.
    """

    names: tuple[str, ...]
    keys: frozenset[str]
    starts: NDArray[np.int64]
    labels: NDArray[np.uint16]
    counts: NDArray[np.uint8]

    def has(self, key: str) -> bool:
        """Return whether a circuit of this hash (`Topology.key`) is known."""
        return key in self.keys

    def nearest(self, topology: Topology) -> tuple[str, float]:
        """Return the name of the known circuit that is most like one, and how alike: 0 to 1."""
        if not self.names:
            return "", 0.0
        labels, counts = neighbourhoods(topology)
        vector = np.zeros(1 << BITS, dtype=np.float32)
        vector[labels] = counts
        products = self._matrix @ vector
        alike = products / (self._norms * max(float(np.linalg.norm(vector)), 1e-9))
        best = int(np.argmax(alike))
        return self.names[best], min(float(alike[best]), 1.0)

    @cached_property
    def _matrix(self) -> Any:
        from scipy.sparse import csr_matrix

        shape = (len(self.names), 1 << BITS)
        values = self.counts.astype(np.float32)
        return csr_matrix((values, self.labels.astype(np.int32), self.starts), shape=shape)

    @cached_property
    def _norms(self) -> NDArray[np.float32]:
        squares = np.asarray(self._matrix.multiply(self._matrix).sum(axis=1)).ravel()
        norms: NDArray[np.float32] = np.maximum(np.sqrt(squares), 1e-9).astype(np.float32)
        return norms


def known_from(
    circuits: Sequence[tuple[str, str, Topology]], more_keys: Iterable[str] = ()
) -> Known:
    """Return what is known of circuits.

    Args:
        circuits: Name, hash and circuit of each.
        more_keys: Hashes that are no news either.
    """
    pairs = [neighbourhoods(topology) for _, _, topology in circuits]
    none = np.zeros(0)
    return Known(
        names=tuple(name for name, _, _ in circuits),
        keys=frozenset((*(key for _, key, _ in circuits), *more_keys)),
        starts=np.cumsum([0, *(len(labels) for labels, _ in pairs)]).astype(np.int64),
        labels=np.concatenate([none, *(labels for labels, _ in pairs)]).astype(np.uint16),
        counts=np.concatenate([none, *(counts for _, counts in pairs)]).astype(np.uint8),
    )


def save_known(path: Path, known: Known) -> None:
    """Write a file of what is known."""
    from safetensors.numpy import save

    hashes = np.array([list(bytes.fromhex(key)) for key in sorted(known.keys)], dtype=np.uint8)
    arrays: dict[str, NDArray[Any]] = {
        "hashes": hashes.reshape(-1, 16),
        "starts": known.starts,
        "labels": known.labels,
        "counts": known.counts,
    }
    about = json.dumps({"format": _FORMAT, "names": known.names})
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, save(arrays, metadata={"eda": about}))


def load_known(path: Path) -> Known:
    """Read a file of what is known.

    Raises:
        WeightsError: It is absent or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        if path.stat().st_size > MAX_BYTES:
            raise WeightsError(f"{path}: larger than {MAX_BYTES} bytes; this is no such file")
        data = path.read_bytes()
        arrays = load(data)
        size = int.from_bytes(data[:8], "little")
        about = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["eda"])
        if about["format"] != _FORMAT:
            raise WeightsError(f"{path}: of another version; make it anew: eda train topology")
        return Known(
            names=tuple(map(str, about["names"])),
            keys=frozenset(bytes(row).hex() for row in arrays["hashes"]),
            starts=arrays["starts"],
            labels=arrays["labels"],
            counts=arrays["counts"],
        )
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such file; make it with: eda train topology") from None
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: not a file of known circuits ({error})") from error


@lru_cache(maxsize=1)
def shipped_known() -> Known:
    """Return what the shipped weights have learned from."""
    return load_known(FOLDER / FILE)
