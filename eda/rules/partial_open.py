"""What a growing circuit leaves open: the rules that it breaks until something else is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from eda.circuit.device import NOWHERE
from eda.rules.bulks import BULK_FLOATING, floating_bulk_message
from eda.rules.dc_paths import ISOURCE_CUTSET, NO_DC_PATH, Island, cutset_finding, no_path_finding
from eda.rules.floating import (
    DANGLING_NET,
    FLOATING_GATE,
    NO_CONNECT,
    dangling_message,
    floating_gate_message,
)
from eda.rules.partial_state import OUTPUT, RAILS, top
from eda.rules.parts import SPLIT_CIRCUIT, split_message
from eda.rules.ports import (
    MISSING_OUTPUT,
    MISSING_OUTPUT_MESSAGE,
    UNCONNECTED_PORT,
    UNDRIVEN_OUTPUT,
    unconnected_message,
    undriven_message,
)
from eda.rules.supplies import MISSING_GROUND, MISSING_GROUND_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.rules.finding import Finding, Rule
    from eda.rules.partial_state import PartialState


class Obligation(NamedTuple):
    """A rule that is broken until a device or a port is added.

    Attributes:
        rule: The rule, one of ``eda.rules.RULES``.
        nets: The nets concerned; none where the circuit as a whole is.
    """

    rule: Rule
    nets: tuple[str, ...] = ()


class Open(NamedTuple):
    """An obligation in numbers: the rule, and the nets."""

    rule: Rule
    nets: tuple[int, ...] = ()


def open_items(state: PartialState) -> Iterator[Open]:
    """Yield what is open, rule by rule."""
    if not state.devices:
        return
    held = _held_root(state)
    # In the order of the nets, whatever was undone in between.
    for net in sorted(state.watch):
        pins = state.pins[net]
        if pins.gates == pins.degree:
            yield Open(FLOATING_GATE, (net,))
        elif pins.bulks == pins.degree:
            yield Open(BULK_FLOATING, (net,))
        elif len(pins.devices) == 1:
            root = top(state.dc, net)
            named = NO_CONNECT.fullmatch(state.names[net])
            if not named and (root not in state.loose or root == held):
                yield Open(DANGLING_NET, (net,))
    for root in sorted(state.loose):
        if root == held:
            continue
        # Nets of gates or bulks alone are told of as floating.
        nets = [net for net in state.dc_members[root] if not state.pins[net].floats]
        if nets:
            yield Open(NO_DC_PATH, tuple(nets))
    yield from _open_ports(state)
    if len(state.firsts) > 1:
        yield Open(SPLIT_CIRCUIT)


def _held_root(state: PartialState) -> int:
    """Return the part that counts as grounded where neither ground nor port is there, or -1."""
    if state.counts["held"] or not state.loose:
        return -1
    return max(state.loose, key=lambda at: (state.dc_size[at], -min(state.dc_members[at])))


def _open_ports(state: PartialState) -> Iterator[Open]:
    outputs = False
    for net in state.ports:
        net_class = state.classes[net]
        outputs = outputs or net_class == OUTPUT
        pins = state.pins[net]
        if not pins.degree:
            if not NO_CONNECT.fullmatch(state.names[net]):
                yield Open(UNCONNECTED_PORT, (net,))
        elif net_class == OUTPUT and pins.silent == pins.degree:
            yield Open(UNDRIVEN_OUTPUT, (net,))
        if not (pins.charges and pins.plates) or net_class in RAILS:
            continue
        if pins.charges + pins.plates == pins.degree:
            yield Open(ISOURCE_CUTSET, (net,))
    if not outputs:
        yield Open(MISSING_OUTPUT)
    if not state.counts["held"]:
        # Neither ports nor ground hold anything.
        yield Open(MISSING_GROUND)


def finding_of(state: PartialState, item: Open) -> Finding:
    """Return the finding that `eda.check` would have on the circuit as it is."""
    rule, nets = item
    make = _FINDINGS[rule.id]
    return make(state, rule, nets)


def island(state: PartialState, nets: tuple[int, ...]) -> Island:
    """Return what the rules on direct current ask of nets that are joined to nothing else."""
    inside = set(nets)
    devices = sorted({at for net in nets for at in state.pins[net].devices})
    sources = []
    fed = False
    for at in devices:
        device = state.devices[at]
        if device.type not in ("isource", "vccs"):
            continue
        ends = [device.nets.get(role) in inside for role in "pn"]
        fed = fed or any(ends)
        whole = len(device.nets) == 2
        if device.type == "isource" and device.value != 0 and whole and ends[0] != ends[1]:
            sources.append(device.name)
    return Island(
        tuple(state.names[net] for net in sorted(nets)),
        tuple(sources),
        fed,
        any(state.pins[net].gates for net in nets),
        not state.ports,
    )


def _names_on(state: PartialState, net: int) -> list[str]:
    return [state.devices[at].name for at in state.pins[net].devices]


def _one_net(state: PartialState, rule: Rule, nets: tuple[int, ...]) -> Finding:
    net = nets[0]
    name, devices = state.names[net], _names_on(state, net)
    if rule is FLOATING_GATE:
        message, objects = floating_gate_message(name, devices), [name, *devices]
    elif rule is BULK_FLOATING:
        message, objects = floating_bulk_message(name, devices), [name, *devices]
    elif rule is UNDRIVEN_OUTPUT:
        message, objects = undriven_message(name, devices), [name]
    elif rule is UNCONNECTED_PORT:
        message, objects = unconnected_message(name, ""), [name]
    else:
        device = state.devices[state.pins[net].devices[0]]
        roles = [role for role, other in device.nets.items() if other == net]
        message, objects = dangling_message(name, roles, device.name), [name, device.name]
    return rule.finding(message, NOWHERE, objects, strict=rule.strict[0] if rule.strict else "")


def _path(state: PartialState, rule: Rule, nets: tuple[int, ...]) -> Finding:
    told = island(state, nets)
    if told.is_cutset:
        return cutset_finding(ISOURCE_CUTSET, told.nets, told.sources, NOWHERE)
    return no_path_finding(rule, told, NOWHERE)


def _cutset(state: PartialState, rule: Rule, nets: tuple[int, ...]) -> Finding:
    devices = [state.devices[at] for at in state.pins[nets[0]].devices]
    sources = [device.name for device in devices if device.type == "isource"]
    return cutset_finding(rule, [state.names[nets[0]]], sources, NOWHERE)


def _whole(state: PartialState, rule: Rule, nets: tuple[int, ...]) -> Finding:
    names: list[str] = []
    message = MISSING_OUTPUT_MESSAGE if rule is MISSING_OUTPUT else MISSING_GROUND_MESSAGE
    if rule is SPLIT_CIRCUIT:
        names = [state.devices[at].name for at in sorted(state.firsts.values())]
        message = split_message(names)
    return rule.finding(message, NOWHERE, names, strict=rule.strict[0] if rule.strict else "")


_FINDINGS = {
    **dict.fromkeys(
        (
            *(FLOATING_GATE.id, BULK_FLOATING.id, DANGLING_NET.id),
            *(UNCONNECTED_PORT.id, UNDRIVEN_OUTPUT.id),
        ),
        _one_net,
    ),
    NO_DC_PATH.id: _path,
    ISOURCE_CUTSET.id: _cutset,
    **dict.fromkeys((MISSING_OUTPUT.id, MISSING_GROUND.id, SPLIT_CIRCUIT.id), _whole),
}
