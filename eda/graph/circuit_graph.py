"""# CircuitGraph: a circuit as a bipartite device/net graph with pin-typed edges, in arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import networkx
    from torch_geometric.data import HeteroData

DEVICE_TYPES: Final[tuple[str, ...]] = (
    *("resistor", "capacitor", "inductor", "mutual", "diode"),
    *("npn", "pnp", "bipolar", "nmos", "pmos", "mosfet"),
    *("njf", "pjf", "jfet", "nmf", "pmf", "mesfet"),
    *("vsource", "isource", "vcvs", "vccs", "ccvs", "cccs", "behavioral"),
    *("switch", "tline", "xspice", "osdi", "subcircuit"),
)
"""Kinds of device refined by polarity; ``mosfet`` is one whose polarity is unknown."""

NET_CLASSES: Final[tuple[str, ...]] = (
    *("internal", "ground", "supply", "negative_supply", "bias", "input", "output", "port"),
)
"""What a net is for; ``port`` is a port of which no more is known."""

KIND_OF_TYPE: Final[dict[str, str]] = {
    **{name: name for name in DEVICE_TYPES},
    **dict.fromkeys(("npn", "pnp"), "bipolar"),
    **dict.fromkeys(("nmos", "pmos"), "mosfet"),
    **dict.fromkeys(("njf", "pjf"), "jfet"),
    **dict.fromkeys(("nmf", "pmf"), "mesfet"),
}
"""The ``eda.circuit.KINDS`` name behind each device type."""


def _none() -> NDArray[np.int32]:
    return np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class CircuitGraph:
    """A flat circuit as arrays: devices and nets are nodes, pins are edges.

    Attributes:
        device_names: Name of each device, in circuit order.
        net_names: Name of each net, in order of first use (ports first).
        device_type: int8 [devices], index into ``DEVICE_TYPES``.
        net_class: int8 [nets], index into ``NET_CLASSES``.
        net_is_port: bool [nets], whether the net leads outside the circuit.
        edge_device: int32 [pins], the device of each pin; pins of a device are consecutive.
        edge_net: int32 [pins], the net of each pin.
        edge_role: int16 [pins], index into ``role_names``.
        role_names: ``eda.circuit.ROLES``, then the port names of black boxes.
        device_model: Model or subcircuit name of each device ("" where it has none).
        reference_device: int32 [references], a device that depends on another one: a mutual
            inductance, or a source that another source's current controls.
        reference_target: int32 [references], the device it depends on.
    """

    device_names: tuple[str, ...]
    net_names: tuple[str, ...]
    device_type: NDArray[np.int8]
    net_class: NDArray[np.int8]
    net_is_port: NDArray[np.bool_]
    edge_device: NDArray[np.int32]
    edge_net: NDArray[np.int32]
    edge_role: NDArray[np.int16]
    role_names: tuple[str, ...]
    device_model: tuple[str, ...]
    reference_device: NDArray[np.int32] = field(default_factory=_none)
    reference_target: NDArray[np.int32] = field(default_factory=_none)

    @property
    def num_devices(self) -> int:
        """Number of devices."""
        return len(self.device_names)

    @property
    def num_nets(self) -> int:
        """Number of nets."""
        return len(self.net_names)

    @property
    def num_pins(self) -> int:
        """Number of pins, which are the edges."""
        return len(self.edge_net)

    @cached_property
    def net_degree(self) -> NDArray[np.int64]:
        """int64 [nets], the number of pins on each net."""
        return np.bincount(self.edge_net, minlength=self.num_nets)

    def to_networkx(self) -> networkx.MultiGraph[str]:
        """Return it as a networkx multigraph; see `eda.graph.convert.to_networkx`."""
        from eda.graph.convert import to_networkx

        return to_networkx(self)

    def to_pyg(self) -> HeteroData:
        """Return it as PyTorch Geometric data; see `eda.graph.convert.to_pyg`."""
        from eda.graph.convert import to_pyg

        return to_pyg(self)
