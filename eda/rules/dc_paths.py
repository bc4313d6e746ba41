"""Rules on direct current: nets without a path to ground, current sources without a way out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.graph.net_classes import dc_value
from eda.rules.finding import Finding, Rule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from eda.circuit import Device, Span
    from eda.rules.electrical import Electrical

_NO_OPERATING_POINT: Final = re.compile(r"\buic\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Island:
    """Nets that are joined for direct current to one another, and to nothing else.

    Attributes:
        nets: Names of the nets.
        sources: Names of the independent current sources on them that are not 0 A.
        fed: Whether any current source feeds it, a controlled one included.
        gated: Whether a gate is among it.
        sealed: Whether nothing outside can be joined to it later: the circuit has no ports.
    """

    nets: tuple[str, ...]
    sources: tuple[str, ...] = ()
    fed: bool = False
    gated: bool = False
    sealed: bool = True

    @property
    def is_cutset(self) -> bool:
        """Whether the current of a source has nowhere to go.

        A bias line of a block with ports, gates and a current source on it, most likely waits
        for its diode: it has no path, and is no error yet.
        """
        return bool(self.sources) and (self.sealed or not self.gated)


def islands(view: Electrical) -> Iterator[tuple[Island, int]]:
    """Yield the parts without a path to ground, and the first net of each."""
    bad = ~view.has_dc_path & ~view.only_gates & ~view.only_bulks & (view.graph.net_degree > 0)
    nets = np.flatnonzero(bad)
    if not len(nets):
        return
    fed = np.zeros(view.graph.num_nets, dtype=np.bool_)
    fed[view.graph.edge_net[_current_pins(view)]] = True
    sources = _independent(view)
    by_net: dict[int, list[int]] = {}
    for at in np.flatnonzero(sources).tolist():
        ends = int(view.net_of_role("p")[at]), int(view.net_of_role("n")[at])
        if view.dc_component[ends[0]] == view.dc_component[ends[1]]:
            continue
        for net in ends:
            by_net.setdefault(net, []).append(at)
    members: dict[int, list[int]] = {}
    for net, part in zip(nets.tolist(), view.dc_component[nets].tolist(), strict=True):
        members.setdefault(part, []).append(net)
    for inside in members.values():
        devices = dict.fromkeys(at for net in inside for at in by_net.get(net, ()))
        yield (
            Island(
                tuple(view.net_name(net) for net in inside),
                tuple(view.device(at).name for at in sorted(devices)),
                bool(fed[inside].any()),
                bool(view.gate_count[inside].any()),
                not view.flat.ports,
            ),
            inside[0],
        )


def no_path_message(nets: Sequence[str], *, fed: bool) -> str:
    """Return what is wrong with nets that no direct current reaches."""
    subject = f"net {nets[0]} has" if len(nets) == 1 else f"nets {listed(nets)} have"
    but = " but current sources" if fed else ""
    return f"{subject} no path to ground for direct current{but}"


def no_path_finding(rule: Rule, island: Island, span: Span) -> Finding:
    """Return the finding of `NO_DC_PATH` on an island that is no cutset."""
    return rule.finding(
        no_path_message(island.nets, fed=island.fed),
        span,
        island.nets,
        severity="info" if island.fed else None,
        fix="make sure that something takes up the current" if island.fed else None,
        strict="R5" if island.gated else "R7",
    )


def _find_no_dc_path(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for island, net in islands(view):
        if not island.is_cutset:
            yield no_path_finding(rule, island, view.devices_of_net(net)[0].span)


def _current_pins(view: Electrical) -> NDArray[np.int64]:
    pins = [view.pin_of_role(role)[view.is_current_source] for role in ("p", "n")]
    found = np.concatenate(pins)
    return found[found >= 0]


def _independent(view: Electrical) -> NDArray[np.bool_]:
    """Bool [devices]: independent current sources, but for those of 0 A."""
    found = view.is_kind("isource") & (view.net_of_role("p") >= 0) & (view.net_of_role("n") >= 0)
    for at in np.flatnonzero(found).tolist():
        found[at] = dc_value(view.device(at)) != 0
    return found


NO_DC_PATH: Final = Rule(
    "no_dc_path",
    "error",
    "nets that only capacitors, gates and control inputs join to the rest; information where a "
    "current source feeds them",
    "Capacitors, gates and control inputs pass no direct current, so the operating point of "
    "the net is undefined and the simulator's matrix is singular.",
    "give the net a path to ground: a resistor, a bias device, or the missing connection",
    _find_no_dc_path,
    strict=("R5", "R7"),
    simulator="singular matrix",
)


def cutset_finding(
    rule: Rule, nets: Sequence[str], sources: Sequence[str], span: Span, *, unsure: bool = False
) -> Finding:
    """Return the finding of `ISOURCE_CUTSET` on nets whose current cannot flow off."""
    source = "the current of" if len(sources) == 1 else "the currents of"
    net = f"net {nets[0]}" if len(nets) == 1 else f"nets {listed(nets)}"
    message = f"{source} {listed(sources)} cannot leave {net}"
    return rule.finding(
        message, span, [*nets, *sources], severity="warning" if unsure else None, strict="R7"
    )


def _find_cutsets(rule: Rule, view: Electrical) -> Iterator[Finding]:
    # A transient that starts from given voltages has no operating point to be found.
    unsure = any(_NO_OPERATING_POINT.search(card.text) for card in view.circuit.cards)
    for island, net in islands(view):
        if island.is_cutset:
            span = _first_source(view, net).span
            yield cutset_finding(rule, island.nets, island.sources, span, unsure=unsure)
    for net, names in charged_ports(view):
        device = view.devices_of_net(net)[0]
        yield cutset_finding(rule, [view.net_name(net)], names, device.span, unsure=unsure)


def _first_source(view: Electrical, net: int) -> Device:
    devices = view.devices_of_net(net)
    return next((item for item in devices if item.kind == "isource"), devices[0])


def charged_ports(view: Electrical) -> Iterator[tuple[int, list[str]]]:
    """Yield ports that nothing but capacitors and independent current sources are on."""
    ports = view.graph.net_is_port & ~view.is_rail & (view.graph.net_degree > 1)
    if not ports.any():
        return
    sources = _independent(view)
    of_source = _count(view, sources)
    of_capacitor = _count(view, view.is_kind("capacitor"))
    charged = ports & (of_source > 0) & (of_capacitor > 0)
    charged &= of_source + of_capacitor == view.graph.net_degree
    for net in np.flatnonzero(charged).tolist():
        names = [item.name for item in view.devices_of_net(net) if item.kind == "isource"]
        yield net, names


def _count(view: Electrical, devices: NDArray[np.bool_]) -> NDArray[np.int64]:
    pins = devices[view.graph.edge_device]
    return np.bincount(view.graph.edge_net[pins], minlength=view.graph.num_nets)


ISOURCE_CUTSET: Final = Rule(
    "isource_cutset",
    "error",
    "nets that only current sources feed, and only capacitors or gates take from",
    "A constant current into nets that nothing can drain: no direct voltage solves the circuit.",
    "give the current a way out: a resistor, a diode-connected transistor, a switch",
    _find_cutsets,
    strict=("R7",),
    simulator="singular matrix",
)
