"""Find a pattern by joining tables of devices over the nets they share.

The matches so far are a table with a column for each net letter and each device. The next
device of the pattern is joined to it over the letters both know: both sides are sorted by
those nets, and equal keys are put together. No search, no backtracking, and the work grows
with the number of devices.

A rail would join everything with everything. Patterns keep rails out by net class; beyond that
a key that more than ``MAX_PER_KEY`` rows meet on both sides is left out: it is a bus, not a
block. So no table grows beyond that multiple of the devices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.structures.pattern import KIND_OF_LETTER, SYMMETRIC, Pattern, Slot
from eda.structures.units import FAMILIES, POLARITIES, Units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.structures.facts import NetFacts

    Column = NDArray[np.int64]

MAX_PER_KEY: Final = 32

_NONE: Final = np.zeros(0, dtype=np.int64)
_POLE, _FAMILY = "polarity of X", "family of X"


@dataclass(frozen=True)
class Matches:
    """All matches of a pattern, a row each.

    Attributes:
        devices: int64 [rows] by role: the device that stands for the unit.
        nets: int64 [rows] by letter.
        polarity: int64 [rows], index into ``POLARITIES`` of the ``X``; 0 without any.
    """

    devices: dict[str, NDArray[np.int64]]
    nets: dict[str, NDArray[np.int64]]
    polarity: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.polarity)

    def select(self, rows: NDArray[np.bool_] | Column) -> Matches:
        """Return some of the rows."""
        return Matches(
            {role: column[rows] for role, column in self.devices.items()},
            {net: column[rows] for net, column in self.nets.items()},
            self.polarity[rows],
        )


class Tables:
    """The units of a circuit as one table for each letter of patterns, made when first used."""

    def __init__(self, units: Units, facts: NetFacts) -> None:
        """Take the units and the facts of the nets."""
        self.units = units
        self.facts = facts
        self._passgate: NDArray[np.bool_] | None = None

    @property
    def passgate(self) -> NDArray[np.bool_]:
        """Bool [transistor units]: lies across a transistor of the other polarity, off rails."""
        if self._passgate is None:
            t = self.units.transistors
            low, high = np.minimum(t.drain, t.source), np.maximum(t.drain, t.source)
            ends = low * (1 + int(high.max(initial=0))) + high
            poles = [np.unique(ends[t.polarity == pole]) for pole in (0, 1)]
            both = np.intersect1d(poles[0], poles[1], assume_unique=True)
            rail = self.facts["rail"][0]
            off_rails = ~rail[t.drain] & ~rail[t.source]
            mosfet = t.family == FAMILIES.index("mosfet")
            self._passgate = np.isin(ends, both) & mosfet & off_rails
        return self._passgate

    def has(self, slot: Slot) -> bool:
        """Return whether there is any device of a slot's letter."""
        kind = KIND_OF_LETTER.get(slot.letter)
        table = self.units.transistors if kind is None else self.units.two_terminals[kind]
        return len(table.first) > 0

    def rows(self, pattern: Pattern, slot: Slot) -> dict[str, Column]:
        """Return the devices that fit a slot by themselves: columns by letter and by role."""
        if slot.letter in KIND_OF_LETTER:
            table = self.units.two_terminals[KIND_OF_LETTER[slot.letter]]
            pins: list[Column] = [table.plus, table.minus]
            device = table.first
            if slot.letter in SYMMETRIC:
                pins = [np.concatenate([table.plus, table.minus])]
                pins.append(np.concatenate([table.minus, table.plus]))
                device = np.concatenate([device, device])
            made: dict[str, Column] = {_column(slot.role): device}
        else:
            t = self.units.transistors
            pins = [t.drain, t.gate, t.source]
            made = {_column(slot.role): t.first}
            keep = np.ones(len(t.first), dtype=np.bool_)
            if slot.letter != "U":
                pole = t.polarity if slot.letter == "X" else 1 - t.polarity
                made[_POLE] = pole
                if slot.letter == "X":
                    made[_FAMILY] = t.family
                else:
                    keep &= t.polarity < 2
                if pattern.polarity:
                    keep &= pole == POLARITIES.index(pattern.polarity)
                if pattern.family:
                    keep &= t.family == FAMILIES.index(pattern.family)
            if not pattern.passgates:
                keep &= ~self.passgate
            made = {name: column[keep] for name, column in made.items()}
            pins = [pin[keep] for pin in pins]
        same = np.ones(len(pins[0]), dtype=np.bool_)
        for net, pin in zip(slot.nets, pins, strict=True):
            if net in made:
                same &= made[net] == pin
            else:
                made[net] = pin
        return {name: column[same] for name, column in made.items()}


def find_matches(pattern: Pattern, tables: Tables) -> Matches:
    """Return every match of a pattern, also those that differ by an exchange of roles only."""
    none = Matches(
        {slot.role: _NONE for slot in pattern.slots}, {net: _NONE for net in pattern.nets}, _NONE
    )
    found: dict[str, Column] | None = None
    for slot in pattern.slots:
        if not tables.has(slot) or (found is not None and not len(next(iter(found.values())))):
            return none
        rows = tables.rows(pattern, slot)
        if _POLE in rows:
            rows = _filter(pattern, rows, tables.facts)
        if found is None:
            found = rows
            continue
        found = _joined(found, rows)
        # The same device cannot play two roles of one match.
        mine = found[_column(slot.role)]
        distinct = np.ones(len(mine), dtype=np.bool_)
        for other in pattern.slots[: pattern.slots.index(slot)]:
            distinct &= found[_column(other.role)] != mine
        found = {name: column[distinct] for name, column in found.items()}
        found = _filter(pattern, found, tables.facts)
    if found is None:
        raise ValueError(f"{pattern.rule}: a pattern has at least one device")
    found = _filter(pattern, found, tables.facts)
    found = _without_never(pattern, found, tables.facts)
    return Matches(
        {slot.role: found[_column(slot.role)] for slot in pattern.slots},
        {net: found[net] for net in pattern.nets},
        _pole_of(found),
    )


def _column(role: str) -> str:
    """Return the name of a role's column; letters of nets bear their own."""
    return f"@{role}"


def _pole_of(found: dict[str, Column]) -> Column:
    known = found.get(_POLE)
    return np.zeros(len(next(iter(found.values()))), dtype=np.int64) if known is None else known


def _filter(pattern: Pattern, found: dict[str, Column], facts: NetFacts) -> dict[str, Column]:
    """Keep rows whose nets, as far as they are known, are as the pattern says."""
    pole = _pole_of(found)
    keep = np.ones(len(pole), dtype=np.bool_)
    for net, fact, wanted in pattern.conditions:
        if net in found:
            keep &= facts[fact][pole, found[net]] == wanted
    for a, b in pattern.unequal:
        if a in found and b in found:
            keep &= found[a] != found[b]
    if keep.all():
        return found
    return {name: column[keep] for name, column in found.items()}


def _without_never(
    pattern: Pattern, found: dict[str, Column], facts: NetFacts
) -> dict[str, Column]:
    pole = _pole_of(found)
    keep = np.ones(len(pole), dtype=np.bool_)
    for conditions in pattern.never:
        together = np.ones(len(pole), dtype=np.bool_)
        for condition in conditions:
            a, equal, b = condition.partition("=")
            if equal:
                together &= found[a] == found[b]
            else:
                net, _, fact = condition.partition(":")
                together &= facts[fact][pole, found[net]]
        keep &= ~together
    return {name: column[keep] for name, column in found.items()}


def _joined(left: dict[str, Column], right: dict[str, Column]) -> dict[str, Column]:
    """Return the rows of both tables put together wherever they agree in all they share."""
    shared = [name for name in right if name in left]
    key_left, key_right = _keys([left[name] for name in shared], [right[name] for name in shared])
    order_left = np.argsort(key_left, kind="stable")
    order_right = np.argsort(key_right, kind="stable")
    sorted_left, sorted_right = key_left[order_left], key_right[order_right]
    begin = np.searchsorted(sorted_right, sorted_left, side="left")
    end = np.searchsorted(sorted_right, sorted_left, side="right")
    mine = np.searchsorted(sorted_left, sorted_left, side="right")
    mine = mine - np.searchsorted(sorted_left, sorted_left, side="left")
    counts = end - begin
    counts[np.minimum(mine, counts) > MAX_PER_KEY] = 0
    at_left = np.repeat(order_left, counts)
    shift = np.repeat(begin - np.cumsum(counts) + counts, counts)
    at_right = order_right[np.arange(len(at_left), dtype=np.int64) + shift]
    made = {name: column[at_left] for name, column in left.items()}
    made |= {name: column[at_right] for name, column in right.items() if name not in made}
    return made


def _keys(left: list[Column], right: list[Column]) -> tuple[Column, Column]:
    """Return one number a row, equal wherever all columns are."""
    size = len(left[0])
    key = np.concatenate([left[0], right[0]])
    for a, b in zip(left[1:], right[1:], strict=True):
        column = np.concatenate([a, b])
        # Renumber what there is before it is widened, so that the product never overflows.
        _, dense = np.unique(key, return_inverse=True)
        key = dense.astype(np.int64) * (1 + int(column.max(initial=0))) + column
    return key[:size], key[size:]
