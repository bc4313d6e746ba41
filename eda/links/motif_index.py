"""The nearest training wire: an index of motifs, read from a file, asked by tokens.

The file holds hashed tokens, words as bits, and the names of circuits and devices; it holds no
netlist. `build_index` makes it from named circuits; which corpora may give their names is
decided where the circuits are read (`eda.datasets.motifs`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import WeightsError
from eda.links.motif import TOKENS, Neighbourhood, wire_tokens
from eda.links.motif_words import WORDS, spell, wire_words
from eda.links.vocabulary import PIN_KINDS
from eda.links.weights import FOLDER, read_arrays, write_arrays

if TYPE_CHECKING:
    from pathlib import Path

    from eda.links.sample import Sample

FORMAT: Final = "eda.links.motifs/1"
SHIPPED_INDEX: Final = FOLDER / "motifs.safetensors"
MOST_BYTES: Final = 1_450_000
"""An index is cut to about this size."""
WIRE_PINS: Final = 2
_ENTRY_BYTES: Final = 17


@dataclass(frozen=True, slots=True)
class Motif:
    """The training wire that resembles a wire most.

    Attributes:
        circuit: Its circuit, as ``analoggenie/ag4``.
        device: Its device.
        pin: Role of its pin.
        likeness: Weighted share of the surroundings that both have, from 0 to 1.
        same: What both are, in a designer's words.
        times: How many training wires have exactly those surroundings.
    """

    circuit: str
    device: str
    pin: str
    likeness: float
    same: tuple[str, ...]
    times: int

    def __str__(self) -> str:
        """Return ``like M7.g in analoggenie/ag4, 90 % alike (same: mirror gate)``."""
        same = f" (same: {', '.join(self.same)})" if self.same else ""
        alike = f"{100 * self.likeness:.0f} % alike"
        return f"like {self.device}.{self.pin} in {self.circuit}, {alike}{same}"


@dataclass(frozen=True)
class MotifIndex:
    """Motifs of training wires, by kind of pin.

    Attributes:
        kind_start: int64 [kinds + 1], where the motifs of each kind of pin begin.
        token_start: int64 [motifs + 1], where the tokens of each motif begin.
        tokens: uint16, sorted within a motif.
        words: uint32 [motifs], bits of `WORDS`.
        times: uint16 [motifs], how many training wires had it.
        circuit: uint16 [motifs], index into ``circuit_names``.
        device: uint16 [motifs], index into ``device_names``.
        pin: uint8 [motifs], index into ``pin_names``.
        circuit_names: Names of circuits.
        device_names: Names of devices.
        pin_names: Roles of pins.
        card: Where it comes from.
    """

    kind_start: NDArray[np.int64]
    token_start: NDArray[np.int64]
    tokens: NDArray[np.uint16]
    words: NDArray[np.uint32]
    times: NDArray[np.uint16]
    circuit: NDArray[np.uint16]
    device: NDArray[np.uint16]
    pin: NDArray[np.uint8]
    circuit_names: tuple[str, ...]
    device_names: tuple[str, ...]
    pin_names: tuple[str, ...]
    card: Mapping[str, Any]

    @cached_property
    def weight(self) -> NDArray[np.float64]:
        """What each token counts: less, the more motifs have it."""
        seen = np.bincount(self.tokens, minlength=TOKENS)
        weight: NDArray[np.float64] = np.log((1 + len(self.words)) / (1.0 + seen))
        return weight

    @cached_property
    def total(self) -> NDArray[np.float64]:
        """Weight of all tokens of each motif."""
        sums = np.concatenate(([0.0], np.cumsum(self.weight[self.tokens])))
        return sums[self.token_start[1:]] - sums[self.token_start[:-1]]

    def nearest(self, kind: int, tokens: NDArray[np.uint16]) -> tuple[int, float]:
        """Return the motif most like these tokens, and its weighted Jaccard likeness.

        Returns:
            -1 and 0 where no motif of that kind of pin is known.
        """
        low, high = int(self.kind_start[kind]), int(self.kind_start[kind + 1])
        if low == high or not len(tokens):
            return -1, 0.0
        first, last = int(self.token_start[low]), int(self.token_start[high])
        asked = np.zeros(TOKENS)
        asked[tokens] = self.weight[tokens]
        hits = asked[self.tokens[first:last]]
        common = np.add.reduceat(hits, self.token_start[low:high] - first)
        either = float(self.weight[tokens].sum()) + self.total[low:high] - common
        likeness = common / np.maximum(either, 1e-12)
        best = int(likeness.argmax())
        return low + best, float(min(likeness[best], 1.0))

    def motif(self, at: int, likeness: float, words: int) -> Motif:
        """Return a motif by its place, with the words it shares with those given."""
        return Motif(
            circuit=self.circuit_names[self.circuit[at]],
            device=self.device_names[self.device[at]],
            pin=self.pin_names[self.pin[at]],
            likeness=likeness,
            same=tuple(spell(int(self.words[at]) & words)),
            times=int(self.times[at]),
        )

    def explain(self, around: Neighbourhood, pin: int, net: int) -> Motif | None:
        """Return the training wire most like a pin on a net."""
        at, likeness = self.nearest(around.kind[pin], wire_tokens(around, pin, net))
        return None if at < 0 else self.motif(at, likeness, wire_words(around, pin, net))


@dataclass(frozen=True)
class NamedSample:
    """A training circuit that may be named.

    Attributes:
        name: As ``analoggenie/ag4``.
        sample: The circuit, boiled down.
        device_names: Of its devices.
        pin_roles: Of its pins.
    """

    name: str
    sample: Sample
    device_names: tuple[str, ...]
    pin_roles: tuple[str, ...]


def build_index(
    circuits: Iterable[NamedSample], *, card: Mapping[str, Any], most_bytes: int = MOST_BYTES
) -> MotifIndex:
    """Collect the motifs of all wires; equal ones are kept once, the most frequent first.

    A pin that is alone on its net makes no wire.

    Args:
        circuits: Training circuits; of equal motifs the first one gives its name.
        card: Where they come from.
        most_bytes: Motifs are kept up to this size.
    """
    found: dict[tuple[int, bytes], list[Any]] = {}
    for item in circuits:
        around = Neighbourhood.of(item.sample)
        for pin, net in enumerate(around.net):
            if item.sample.net_degree[net] < WIRE_PINS:
                continue
            tokens = wire_tokens(around, pin, net)
            if not len(tokens):
                continue
            entry = found.get((around.kind[pin], tokens.tobytes()))
            if entry is None:
                device = item.device_names[around.device[pin]]
                words = wire_words(around, pin, net)
                entry = [0, item.name, device, item.pin_roles[pin], words]
                found[(around.kind[pin], tokens.tobytes())] = entry
            entry[0] += 1
    kept, size = [], 0
    for key, entry in sorted(found.items(), key=lambda item: -item[1][0]):
        size += len(key[1]) + _ENTRY_BYTES
        if size > most_bytes:
            break
        kept.append((key, entry))
    kept.sort(key=lambda item: item[0][0])
    circuit_names, circuit_at = _table(entry[1] for _, entry in kept)
    device_names, device_at = _table(entry[2] for _, entry in kept)
    pin_names, pin_at = _table(entry[3] for _, entry in kept)
    kinds = np.array([key[0] for key, _ in kept], dtype=np.int64)
    lengths = [len(key[1]) // 2 for key, _ in kept]
    return MotifIndex(
        kind_start=np.searchsorted(kinds, np.arange(len(PIN_KINDS) + 1)).astype(np.int64),
        token_start=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        tokens=np.frombuffer(b"".join(key[1] for key, _ in kept), dtype=np.uint16),
        words=np.array([entry[4] for _, entry in kept], dtype=np.uint32),
        times=np.array([min(entry[0], 65_535) for _, entry in kept], dtype=np.uint16),
        circuit=circuit_at.astype(np.uint16),
        device=device_at.astype(np.uint16),
        pin=pin_at.astype(np.uint8),
        circuit_names=circuit_names,
        device_names=device_names,
        pin_names=pin_names,
        card={**card, "wires": sum(e[0] for e in found.values()), "motifs": len(found)},
    )


def save_index(index: MotifIndex, path: Path) -> None:
    """Write ``path`` (safetensors) and the names and the card beside it (JSON)."""
    arrays = {
        "lengths": np.diff(index.token_start).astype(np.uint8),
        "kinds": np.diff(index.kind_start).astype(np.uint32),
        **{name: getattr(index, name) for name in _STORED},
    }
    write_arrays(path, arrays, {"format": FORMAT, "words": [word for word, _ in WORDS]})
    text = {
        "card": dict(index.card),
        "circuits": index.circuit_names,
        "devices": index.device_names,
        "pins": index.pin_names,
    }
    path.with_suffix(".json").write_text(json.dumps(text) + "\n", "utf-8")


def load_index(path: Path) -> MotifIndex:
    """Read an index.

    Raises:
        WeightsError: It is absent, damaged, or made for another version of the words.
    """
    try:
        about, arrays = read_arrays(path)
        if about.get("format") != FORMAT or about.get("words") != [word for word, _ in WORDS]:
            raise WeightsError(f"{path}: made for other motifs; make it anew: eda train motifs")
        names = json.loads(path.with_suffix(".json").read_text("utf-8"))
        index = MotifIndex(
            kind_start=_starts(arrays["kinds"]),
            token_start=_starts(arrays["lengths"]),
            circuit_names=tuple(map(str, names["circuits"])),
            device_names=tuple(map(str, names["devices"])),
            pin_names=tuple(map(str, names["pins"])),
            card=names["card"],
            **{name: arrays[name] for name in _STORED},
        )
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such index; make it with: eda train motifs") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: not an index of motifs ({error})") from error
    _check(index, path)
    return index


@lru_cache(maxsize=2)
def shipped_index() -> MotifIndex:
    """Return the index that came with the toolkit."""
    return load_index(SHIPPED_INDEX)


_STORED: Final = ("tokens", "words", "times", "circuit", "device", "pin")


def _check(index: MotifIndex, path: Path) -> None:
    count = len(index.words)
    sound = (
        len(index.kind_start) == len(PIN_KINDS) + 1
        and int(index.kind_start[-1]) == count == len(index.token_start) - 1
        and int(index.token_start[-1]) == len(index.tokens)
        and index.tokens.dtype == np.uint16
        and all(len(getattr(index, name)) == count for name in _STORED[1:])
        and bool((np.diff(index.token_start) > 0).all())
        and all(
            not count or int(getattr(index, name).max()) < len(names)
            for name, names in (
                ("circuit", index.circuit_names),
                ("device", index.device_names),
                ("pin", index.pin_names),
            )
        )
    )
    if not sound:
        raise WeightsError(f"{path}: not an index of motifs (its parts do not fit together)")


def _starts(lengths: NDArray[Any]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64)


def _table(names: Iterable[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    place: dict[str, int] = {}
    numbers = [place.setdefault(name, len(place)) for name in names]
    return tuple(place), np.array(numbers, dtype=np.int64)
