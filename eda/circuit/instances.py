"""Recipes written out: a device for every copy, named by path, with its nets and probes renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eda.circuit.circuit import Card
from eda.circuit.device import Device
from eda.circuit.expression import rename_probes
from eda.circuit.recipes import Call, Leaf, Recipe
from eda.circuit.values import Expression

_MULTIPLIED = frozenset(
    {"mosfet", "bipolar", "diode", "jfet", "mesfet", "resistor", "capacitor", "inductor"}
    | {"isource", "subcircuit", "osdi", "vccs", "cccs"}
)
# Kinds of which ``m`` copies in parallel are one device with that multiplier.


def write_out(
    recipe: Recipe, ports: tuple[str, ...], fixed: frozenset[str]
) -> tuple[tuple[Device, ...], tuple[Card, ...]]:
    """Return the devices of a recipe, instance by instance, and the cards of subcircuits.

    Args:
        recipe: The top.
        ports: Its ports.
        fixed: Lower-case names of the nets that keep their name everywhere.
    """
    devices: list[Device] = []
    cards: list[Card] = list(recipe.cards)
    add = devices.append
    make = Device.quick
    nets = {name: name for name in (*ports, *recipe.inner)}
    nets.update(recipe.fixed)
    stack = [("", iter(recipe.items), nets, 1.0)]
    while stack:
        prefix, items, nets, factor = stack[-1]
        for item in items:
            if isinstance(item, Call):
                path = f"{prefix}{item.name}."
                inside = dict(item.recipe.fixed)
                for port, net in zip(item.recipe.ports, item.nets, strict=False):
                    inside[port] = nets[net]
                for port in item.recipe.ports[len(item.nets) :]:
                    inside[port] = path + port
                for net in item.recipe.inner:
                    inside[net] = path + net
                cards += [_copied_card(card, path, inside, fixed) for card in item.recipe.cards]
                stack.append((path, iter(item.recipe.items), inside, factor * item.multiplier))
                break
            device = item if isinstance(item, Device) else item.device
            bound = item.bound if isinstance(item, Leaf) else ()
            if not prefix:
                add(device)
                continue
            made = make(
                prefix + device.name,
                device.kind,
                device.roles,
                tuple([nets[net] for net in device.nets]),
                device.model,
                device.parameters,
                device.polarity,
                device.references,
                device.span,
            )
            if factor != 1.0 or bound or device.references:
                made = copied(made, prefix, nets, bound, factor, fixed)
            add(made)
        else:
            stack.pop()
    return tuple(devices), tuple(cards)


def _copied_card(card: Card, prefix: str, nets: Mapping[str, str], fixed: frozenset[str]) -> Card:
    """Return an initial condition of a subcircuit, said of the nets of one of its copies."""

    def net(name: str) -> str:
        return name if name.lower() in fixed else nets.get(name, prefix + name)

    return replace(card, text=rename_probes(card.text, net, lambda name: prefix + name))


def copied(
    device: Device,
    prefix: str,
    nets: Mapping[str, str],
    bound: tuple[str, ...],
    factor: float,
    fixed: frozenset[str],
) -> Device:
    """Return a copy with references and probes renamed, and the multiplier taken in."""
    parameters = dict(device.parameters)

    def net(name: str) -> str:
        if name.lower() in fixed:
            return name
        return nets.get(name, prefix + name)

    for key in bound:
        value = parameters[key]
        if isinstance(value, Expression):
            parameters[key] = Expression(rename_probes(value.text, net, lambda n: prefix + n))
        elif isinstance(value, str):
            parameters[key] = rename_probes(value, net, lambda n: prefix + n)
    if factor != 1.0 and device.kind in _MULTIPLIED:
        own = parameters.get("m", 1.0)
        parameters["m"] = own * factor if isinstance(own, float | int) else factor
    references = tuple(prefix + name for name in device.references)
    return replace(device, parameters=parameters, references=references)
