"""# Structure, and the other things that `find_structures` finds, with names and provenance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Member:
    """A device or a net in its role.

    Attributes:
        role: What it is in the structure: ``reference``, ``tail``.
        name: Of the device or net.
        index: Its index in the circuit's graph.
    """

    role: str
    name: str
    index: int


@dataclass(frozen=True, slots=True)
class Structure:
    """A block of the circuit.

    Attributes:
        kind: What it is, as ``current_mirror``.
        rule: The pattern that found it, as ``current_mirror/simple``.
        rank: How specific the pattern is.
        devices: In their roles; a role can have several. Fingers of one transistor share it.
        nets: In their roles.
        polarity: ``n`` or ``p`` of its leading transistors; empty where there is none.
    """

    kind: str
    rule: str
    rank: int
    devices: tuple[Member, ...]
    nets: tuple[Member, ...]
    polarity: str = ""

    @property
    def device_names(self) -> tuple[str, ...]:
        """The names of its devices."""
        return tuple(member.name for member in self.devices)

    def device(self, role: str) -> str:
        """Return the first device in a role.

        Raises:
            KeyError: Nobody plays it.
        """
        return _first(self.devices, role, self.rule)

    def net(self, role: str) -> str:
        """Return the first net in a role.

        Raises:
            KeyError: Nobody plays it.
        """
        return _first(self.nets, role, self.rule)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values: names by role."""
        return {
            "kind": self.kind,
            "rule": self.rule,
            "polarity": self.polarity,
            "devices": _by_role(self.devices),
            "nets": _by_role(self.nets),
        }


@dataclass(frozen=True, slots=True)
class MatchedSet:
    """Devices to be sized together.

    Attributes:
        kind: ``equal``: one size for all; ``ratio``: one length (area, model) for all, and the
            widths in the ratios there are.
        devices: Their names; of a mirror, the reference first.
        rules: Why they are matched.
        ratios: Strength of each device relative to the first: width x multiplier over length,
            a bipolar's area, a resistor's conductance; None where sizes are not known.
    """

    kind: str
    devices: tuple[str, ...]
    rules: tuple[str, ...]
    ratios: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class SymmetryAxis:
    """A mirror of the net graph that maps a part of the circuit onto itself.

    Attributes:
        seeds: The pairs it grew from, by rule and devices.
        device_pairs: Devices that change places.
        net_pairs: Nets that change places.
        device_axis: Devices that stay: tails, and what bridges a pair of nets.
        net_axis: Nets that stay, rails left out.
    """

    seeds: tuple[tuple[str, str, str], ...]
    device_pairs: tuple[tuple[str, str], ...]
    net_pairs: tuple[tuple[str, str], ...]
    device_axis: tuple[str, ...]
    net_axis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """Devices and nets in the order in which a current or a signal meets them."""

    devices: tuple[str, ...]
    nets: tuple[str, ...]


@dataclass(frozen=True)
class Structures:
    """What a circuit is made of.

    Attributes:
        items: The structures, the most specific first; the order does not depend on names.
        matched_sets: Devices to be sized alike, or in a ratio.
        axes: Mirror symmetries.
        signal_path: From the inputs to the outputs.
        bias_path: What sets currents and voltages, and carries no signal.
    """

    items: tuple[Structure, ...]
    matched_sets: tuple[MatchedSet, ...]
    axes: tuple[SymmetryAxis, ...]
    signal_path: Path
    bias_path: Path

    def of_kind(self, *kinds: str) -> tuple[Structure, ...]:
        """Return the structures of some kinds."""
        return tuple(item for item in self.items if item.kind in kinds)

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind, the most specific first."""
        return dict(Counter(item.kind for item in self.items))

    @cached_property
    def roles(self) -> Mapping[str, tuple[tuple[Structure, str], ...]]:
        """The (structure, role) pairs of every device that has any, by lower-case name."""
        table: dict[str, list[tuple[Structure, str]]] = {}
        for item in self.items:
            for member in item.devices:
                table.setdefault(member.name.lower(), []).append((item, member.role))
        return {name: tuple(found) for name, found in table.items()}

    @property
    def symmetric_pairs(self) -> tuple[tuple[str, str], ...]:
        """The device pairs of all axes."""
        return tuple(pair for axis in self.axes for pair in axis.device_pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "structures": [item.to_dict() for item in self.items],
            "matched_sets": [
                {
                    "kind": item.kind,
                    "devices": list(item.devices),
                    "rules": list(item.rules),
                    "ratios": None if item.ratios is None else list(item.ratios),
                }
                for item in self.matched_sets
            ],
            "axes": [
                {
                    "seeds": [list(seed) for seed in axis.seeds],
                    "device_pairs": [list(pair) for pair in axis.device_pairs],
                    "net_pairs": [list(pair) for pair in axis.net_pairs],
                    "device_axis": list(axis.device_axis),
                    "net_axis": list(axis.net_axis),
                }
                for axis in self.axes
            ],
            "signal_path": _path(self.signal_path),
            "bias_path": _path(self.bias_path),
        }


def _first(members: tuple[Member, ...], role: str, rule: str) -> str:
    for member in members:
        if member.role == role:
            return member.name
    roles = ", ".join(dict.fromkeys(member.role for member in members))
    raise KeyError(f"{rule} has no role {role!r}; its roles are {roles}")


def _by_role(members: tuple[Member, ...]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for member in members:
        table.setdefault(member.role, []).append(member.name)
    return table


def _path(path: Path) -> dict[str, list[str]]:
    return {"devices": list(path.devices), "nets": list(path.nets)}
