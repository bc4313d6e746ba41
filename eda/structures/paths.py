"""The way of the signal from inputs to outputs, and what sets the currents beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.structures.reach import distances, layers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from eda.structures.facts import NetFacts
    from eda.structures.group import Found
    from eda.structures.units import Units

MAX_INPUTS: Final = 16
"""With more inputs than this, the ways from all of them are looked at as one."""

BIAS_KINDS: Final = frozenset(
    (
        *("current_mirror", "cascode_mirror", "wilson_mirror", "current_source_bank"),
        *("current_source", "tail", "bias_chain", "beta_multiplier", "ptat_core", "divider"),
        *("diode_connected", "self_cascode"),
    )
)
"""Structures whose devices are on the bias path, unless they carry a signal."""


def signal_path(
    units: Units, facts: NetFacts
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the (distance, device) and (distance, net) of the ways from inputs to outputs.

    Of each input, the shortest way to every net it reaches is followed, as far as it leads on
    to an output; through R, L and C only where no transistor leads. So feedback is no part of
    it. A diode-connected transistor on the
    way belongs to it: it takes the current up.
    """
    devices: dict[int, int] = {}
    nets: dict[int, int] = {}
    # From one output to another there is sensing, no signal.
    passive = facts.passive.select(~facts.outputs[facts.passive.start])
    active = facts.active
    starts = np.flatnonzero(facts.inputs)
    groups = (
        [starts] if len(starts) > MAX_INPUTS else [starts[at : at + 1] for at in range(len(starts))]
    )
    for group in groups:
        seeds = np.zeros(len(facts.inputs), dtype=np.bool_)
        seeds[group] = True
        away, entered = layers(active, passive, seeds)
        on = (away[active.start] >= 0) & (away[active.stop] == away[active.start] + 1)
        into = (away[passive.start] >= 0) & entered[passive.stop]
        into &= away[passive.start] < away[passive.stop]
        forward = active.select(on & ~entered[active.stop]).together(passive.select(into))
        leads = distances(forward.reversed(), facts.outputs & (away >= 0)) >= 0
        used = leads[forward.stop] & leads[forward.start]
        for device, at in zip(
            forward.via[used].tolist(), away[forward.start[used]].tolist(), strict=True
        ):
            devices[device] = min(at, devices.get(device, at))
        for net in np.flatnonzero(leads & (away >= 0)).tolist():
            nets[net] = min(int(away[net]), nets.get(net, int(away[net])))
    t = units.transistors
    diode = t.drain == t.gate
    for device, net in zip(t.first[diode].tolist(), t.drain[diode].tolist(), strict=True):
        if net in nets:
            devices[device] = min(nets[net], devices.get(device, nets[net]))
    return (
        [(at, device) for device, at in devices.items()],
        [(at, net) for net, at in nets.items()],
    )


def bias_path(
    items: Iterable[Found], signal: set[int], biased: NDArray[np.bool_]
) -> tuple[list[int], list[int]]:
    """Return the devices and nets that set currents and voltages, in the order of the items."""
    devices: dict[int, None] = {}
    for item in items:
        if item.rule.partition("/")[0] in BIAS_KINDS:
            devices.update(dict.fromkeys(at for _, at in item.devices if at not in signal))
    return list(devices), np.flatnonzero(biased).tolist()
