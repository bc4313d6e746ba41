"""Matched sets: devices that are to be sized alike, and mirrors whose ratios are kept."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from eda.circuit import number
from eda.graph.sizes import parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eda.circuit import Circuit, Device
    from eda.structures.group import Found
    from eda.structures.symmetry import Axis

_EQUAL_ROLES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "diff_pair": (("a", "b"), ("degeneration_a", "degeneration_b")),
    "cross_coupled": (("a", "b"),),
    "cross_coupled_cascode": (("a", "b"),),
    "switching_quad": (("a", "b"), ("b", "c"), ("c", "e")),
}
_RATIO_KINDS: Final = frozenset(
    (
        "current_mirror",
        "cascode_mirror",
        "wilson_mirror",
        "current_source_bank",
        "common_source_bank",
        "cascode_pair",
    )
)
_RATIO_ROLES: Final = (
    ("reference", "output", "input"),
    ("reference_cascode", "output_cascode"),
    ("cascode",),
    ("reference_resistor", "output_resistor"),
)


def equal_sets(items: Iterable[Found], axes: Iterable[Axis]) -> list[tuple[list[int], list[str]]]:
    """Return groups of devices of one size, and the rules that say so."""
    parent: dict[int, int] = {}
    reasons: list[tuple[int, str]] = []

    def root(at: int) -> int:
        parent.setdefault(at, at)
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def join(a: int, b: int, rule: str) -> None:
        parent[root(a)] = root(b)
        reasons.append((a, rule))

    for item in items:
        roles = dict(item.devices)
        for a, b in _EQUAL_ROLES.get(item.rule.partition("/")[0], ()):
            if a in roles and b in roles:
                join(roles[a], roles[b], item.rule)
    for axis in axes:
        for one, other in axis.device_pairs:
            join(one, other, "symmetry")
    groups: dict[int, list[int]] = defaultdict(list)
    for at in parent:
        groups[root(at)].append(at)
    rules: dict[int, dict[str, None]] = defaultdict(dict)
    for at, rule in reasons:
        rules[root(at)][rule] = None
    return [(group, list(rules[key])) for key, group in groups.items()]


def ratio_sets(items: Iterable[Found]) -> list[tuple[list[int], list[str]]]:
    """Return groups of devices whose strengths are in a ratio, the reference first."""
    found: dict[frozenset[int], tuple[list[int], list[str]]] = {}
    for item in items:
        if item.rule.partition("/")[0] not in _RATIO_KINDS:
            continue
        for roles in _RATIO_ROLES:
            group = list(
                dict.fromkeys(at for role in roles for own, at in item.devices if own == role)
            )
            if len(group) > 1:
                _, rules = found.setdefault(frozenset(group), (group, []))
                rules.append(item.rule)
    return list(found.values())


def ratios(circuit: Circuit | None, units: Sequence[tuple[int, ...]]) -> tuple[float, ...] | None:
    """Return the strengths of units relative to the first, or None where one is not known.

    Args:
        circuit: With the sizes; its devices are those the indices mean.
        units: The devices of each unit, whose strengths add up.
    """
    if circuit is None:
        return None
    strengths = []
    for unit in units:
        parts = [strength(circuit.devices[at]) for at in unit]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) or not sum(known):
            return None
        strengths.append(sum(known))
    return tuple(round(value / strengths[0], 6) for value in strengths)


def strength(device: Device) -> float | None:
    """Return what the current of a device at one bias is proportional to, or None.

    MOS and JFET: m x w / l (``nf`` is left out: in most models ``w`` is the width of all fingers
    together); bipolar: m x area; resistor: m over its resistance.
    """
    many = _number(device, "m", "mult")
    if device.kind == "bipolar":
        area = number(device.parameters.get("area", 1.0))
        return None if area is None or many is None else many * area
    if device.kind == "resistor":
        ohm = number(device.parameters.get("r", device.parameters.get("value")))
        return None if not ohm or many is None else many / ohm
    width, length = number(device.parameters.get("w")), number(device.parameters.get("l"))
    if width is None or not length or many is None:
        return None
    return many * width / length


def _number(device: Device, *keys: str) -> float | None:
    """Return the product of multipliers, 1 where none is written."""
    product = 1.0
    for key in keys:
        value = number(parameter(device, key))
        if value is None:
            return None
        product *= value
    return product
