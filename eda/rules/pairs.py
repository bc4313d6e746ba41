"""Rules on transistors that belong together: differential pairs and mirrors that do not match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import Expression, number
from eda.rules.finding import Finding, Rule, listed
from eda.rules.gates import resistive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from eda.circuit import Device, Value
    from eda.rules.electrical import Electrical

_COUNTS: Final = {"m": 1.0, "nf": 1.0, "nfin": None}


def differential_pairs(view: Electrical) -> Iterator[tuple[int, int]]:
    """Yield pairs of transistors of one type with a common source that is no rail.

    The two are alone with their sources on that net, and their gates and drains are on nets of
    their own. A third device takes their current; neither gates nor channels of the other type
    are on the common net. That leaves out the stacks and the pass gates of logic.
    """
    gate, drain, source = (view.net_of_role(role) for role in "gds")
    quiet = ~view.is_rail & (view.gate_count == 0) & (view.device_count > 2)
    for name, opposite in (("nmos", "pmos"), ("pmos", "nmos")):
        devices = np.flatnonzero(view.is_type(name) & (source >= 0))
        order = devices[np.argsort(source[devices], kind="stable")]
        starts, sizes = _runs(source[order])
        one, other = (order[starts[sizes == 2] + at] for at in (0, 1))
        net = source[one]
        good = (quiet & (_channels(view, view.is_type(opposite)) == 0))[net]
        good &= (gate[one] != gate[other]) & (drain[one] != drain[other])
        for at in (one, other):
            good &= (gate[at] >= 0) & (gate[at] != drain[at]) & (drain[at] != net)
            good &= ~view.is_rail[gate[at]]
        yield from zip(one[good].tolist(), other[good].tolist(), strict=True)


def _runs(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each run of equal values begins, and how long it is."""
    starts = np.flatnonzero(np.diff(values, prepend=-2))
    return starts, np.diff(starts, append=len(values))


def _channels(view: Electrical, devices: NDArray[np.bool_]) -> NDArray[np.int64]:
    """int64 [nets]: how many drains and sources of these transistors are on the net."""
    nets = np.concatenate([view.net_of_role(role)[devices] for role in "ds"])
    return np.bincount(nets[nets >= 0], minlength=view.graph.num_nets)


def mirrors(view: Electrical) -> Iterator[list[int]]:
    """Yield transistors of one type with common source and gate, the diode-connected first."""
    gate, drain, source = (view.net_of_role(role) for role in "gds")
    both = source * max(view.graph.num_nets, 1) + gate
    switches = _switched_nets(view)
    for name in ("nmos", "pmos"):
        devices = np.flatnonzero(view.is_type(name) & (drain != source))
        for group in _groups(devices, both):
            diode = [at for at in group if gate[at] == drain[at]]
            if diode and len(group) > 1:
                others = [at for at in group if gate[at] != drain[at] and not switches[drain[at]]]
                yield [*diode, *others]


def _switched_nets(view: Electrical) -> NDArray[np.bool_]:
    """Bool [nets]: one transistor pulls against a resistor, and a gate listens.

    That transistor is a switch, as in start-up circuits, whatever its gate is on; a channel
    that is drawn as a resistor counts as one.
    """
    graph = view.graph
    channels = _channels(view, view.is_kind("mosfet"))
    pull = view.is_kind("resistor")
    for at in resistive(view):
        pull[at] = True
    pins = pull[graph.edge_device] & ~view.gate_pins & ~view.bulk_pins
    pulled = np.bincount(graph.edge_net[pins], minlength=graph.num_nets)
    of_mos = pins & view.is_kind("mosfet")[graph.edge_device]
    weak = np.bincount(graph.edge_net[of_mos], minlength=graph.num_nets)
    found: NDArray[np.bool_] = (channels - weak == 1) & (pulled == 1) & (view.gate_count > 0)
    return found


def _groups(devices: NDArray[np.int64], key: NDArray[np.int64]) -> Iterator[list[int]]:
    """Yield the devices with equal keys, in circuit order, where there are several."""
    order = devices[np.argsort(key[devices], kind="stable")]
    starts, sizes = _runs(key[order])
    for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
        if size > 1:
            yield order[start : start + size].tolist()


def _find_asymmetric(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for one, other in differential_pairs(view):
        first, second = view.device(one), view.device(other)
        if first.parameters == second.parameters and first.model == second.model:
            continue
        differs = [key for key in ("w", "l", *_COUNTS) if _differ(first, second, key)]
        if first.model.lower() != second.model.lower():
            differs.append("model")
        if differs:
            message = (
                f"{first.name} and {second.name} are a differential pair and differ in "
                f"{', '.join(differs)}"
            )
            yield rule.finding(message, second.span, [first.name, second.name])


def _differ(one: Device, other: Device, key: str) -> bool:
    """Return whether a parameter of two devices surely is not the same."""
    first, second = (_size(device.parameters.get(key), _COUNTS.get(key)) for device in (one, other))
    if first is None or second is None:
        return False
    if isinstance(first, float) and isinstance(second, float):
        return abs(first - second) > 1e-9 * max(abs(first), abs(second))
    return False


def _size(value: Value | None, default: float | None) -> float | None:
    if value is None:
        return default
    # An expression without a value may come out the same as any other.
    return None if isinstance(value, Expression) and value.value is None else number(value)


ASYMMETRIC_PAIR: Final = Rule(
    "asymmetric_pair",
    "warning",
    "two transistors of a differential pair that differ in width, length, number or model",
    "The difference is an offset at the input, and drifts with temperature.",
    "make both alike; waive the rule where the offset is wanted",
    _find_asymmetric,
)


def _find_mismatched(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for group in mirrors(view):
        devices = [view.device(at) for at in group]
        reference = devices[0]
        others = [device for device in devices[1:] if _differ(reference, device, "l")]
        if others:
            yield rule.finding(
                _mirror_message(reference, others),
                others[0].span,
                [reference.name, *(device.name for device in others)],
            )


def _mirror_message(reference: Device, others: Sequence[Device]) -> str:
    names = listed([device.name for device in others])
    verb = "mirrors" if len(others) == 1 else "mirror"
    return f"{names} {verb} {reference.name} with another channel length"


MIRROR_LENGTH_MISMATCH: Final = Rule(
    "mirror_length_mismatch",
    "warning",
    "a transistor of a current mirror with another length than the diode-connected one",
    "Threshold and effective length depend on the drawn length, so the ratio of the currents is "
    "not the ratio of W/L.",
    "give both the same length, and set the ratio by width or by m=",
    _find_mismatched,
)
