"""Partly drawn circuits: devices are missing, and some pins belong on no net that is there.

A user who asks about a half-drawn circuit must hear "none of them" where the partner of a pin has
yet to be drawn. Complete circuits never teach that, so devices are taken out of training circuits
and the nets they leave behind are neither closed nor declared ports.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.links.sample import Sample

LEAST_DEVICES: Final = 4
"""Of a smaller circuit nothing is taken out."""
MOST_TAKEN: Final = 0.1
"""Largest share of the devices that is taken out at random (but at least one)."""


def take_devices(sample: Sample, kept: NDArray[np.bool_], *, cut_ports: bool) -> Sample:
    """Return the sample with only these devices, and the nets they touch.

    Args:
        sample: The circuit.
        kept: bool [devices].
        cut_ports: Whether nets that lost a pin count as ports.
    """
    pins = kept[sample.edge_device]
    degree = np.bincount(sample.edge_net[pins], minlength=sample.num_nets)
    nets = degree > 0
    is_port = sample.net_is_port
    if cut_ports:
        is_port = is_port | (degree < sample.net_degree)
    new_device = np.cumsum(kept) - 1
    new_net = np.cumsum(nets) - 1
    return replace(
        sample,
        device_type=sample.device_type[kept],
        net_role=sample.net_role[nets],
        net_role_by_name=sample.net_role_by_name[nets],
        net_is_port=is_port[nets],
        edge_device=new_device[sample.edge_device[pins]].astype(np.int32),
        edge_net=new_net[sample.edge_net[pins]].astype(np.int32),
        edge_kind=sample.edge_kind[pins],
    )


def lonely_pins(sample: Sample) -> NDArray[np.int64]:
    """Return the pins that are alone on a net that is no port; bulks are left out."""
    alone = (sample.net_degree == 1) & ~sample.net_is_port
    return np.flatnonzero(alone[sample.edge_net] & ~sample.is_bulk)


def take_partners(sample: Sample, rng: np.random.Generator) -> Sample:
    """Return the circuit with a device missing that leaves a pin alone, or some at random.

    Half of the time the device is one of two on a net that leads nowhere else, so that there
    is a pin to be left alone; otherwise up to a tenth of the devices go, whatever they touch.
    """
    total = sample.num_devices
    if total < LEAST_DEVICES:
        return sample
    kept = np.ones(total, dtype=np.bool_)
    partners = _partners(sample) if rng.random() < 0.5 else np.zeros(0, dtype=np.int64)
    if len(partners):
        kept[rng.choice(partners)] = False
    else:
        count = int(rng.integers(1, max(1, int(MOST_TAKEN * total)) + 1))
        kept[rng.choice(total, count, replace=False)] = False
    if not kept[sample.edge_device].any():
        return sample
    return take_devices(sample, kept, cut_ports=False)


def partner_questions(sample: Sample) -> list[tuple[Sample, int]]:
    """Return circuits without the only other device on a net, and the pin that is left alone.

    One for each net of two pins on two devices that is no port; bulks are left out.
    """
    found: list[tuple[Sample, int]] = []
    if sample.num_devices < LEAST_DEVICES:
        return found
    for net in np.flatnonzero((sample.net_degree == 2) & ~sample.net_is_port).tolist():
        one, other = np.flatnonzero(sample.edge_net == net).tolist()
        devices = sample.edge_device[[one, other]].tolist()
        if sample.is_bulk[one] or sample.is_bulk[other] or devices[0] == devices[1]:
            continue
        kept = np.ones(sample.num_devices, dtype=np.bool_)
        kept[devices[1]] = False
        pins = kept[sample.edge_device]
        found.append((take_devices(sample, kept, cut_ports=False), int(pins[:one].sum())))
    return found


def _partners(sample: Sample) -> NDArray[np.int64]:
    """Return the devices on nets of two pins that are no ports."""
    paired = (sample.net_degree == 2) & ~sample.net_is_port
    return np.unique(sample.edge_device[paired[sample.edge_net]]).astype(np.int64)
