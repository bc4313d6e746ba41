"""Which sheets a circuit needs: one where it is small when flat, else one a subcircuit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eda.circuit import Circuit
from eda.circuit.flatten import top_subcircuit
from eda.errors import NetlistError
from eda.graph import NET_CLASSES, circuit_graph
from eda.schematic.scene import guessed_sides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.circuit import Device, Subcircuit
    from eda.circuit.circuit import Scope

BLOCKS_ABOVE: Final = 40
"""A circuit with more devices is drawn sheet by sheet, where it has subcircuits."""

MOST_SHEETS: Final = 50
_DEEPEST: Final = 100

Scopes = tuple["Scope", ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A circuit to be drawn as it is: its instances are boxes.

    Attributes:
        name: Of the subcircuit; empty for the top level.
        sides: Of the pins of boxes, by lower-case name of their subcircuit.
        scope: The circuit or subcircuit that it shows.
    """

    name: str
    circuit: Circuit
    sides: Mapping[str, tuple[str, ...]]
    scope: Scope


def pages_of(
    circuit: Circuit, *, subcircuit: str | None = None, blocks_above: int = BLOCKS_ABOVE
) -> list[Page]:
    """Return what is drawn on each sheet, the top first.

    Args:
        circuit: Flat or with hierarchy.
        subcircuit: Take this one for the top.
        blocks_above: Number of flat devices above which subcircuits get sheets of their own.

    Raises:
        NetlistError: There is no such subcircuit.
    """
    if not circuit.subcircuits:
        flat = circuit.flatten(subcircuit=subcircuit)
        return [Page(circuit.name, flat, {}, flat)]
    top: Scope = circuit
    chosen = top_subcircuit(circuit)
    if subcircuit is not None:
        chosen = _named(circuit, subcircuit)
    scopes: Scopes = (circuit,)
    if chosen is not None:
        top, scopes = chosen, (circuit, chosen)
    if _count(top, scopes, {}, 0) <= blocks_above:
        flat = circuit.flatten(subcircuit=subcircuit)
        return [Page("", flat, {}, flat)]
    pages: list[Page] = []
    waiting: list[tuple[str, Scope, Scopes]] = [(chosen.name if chosen else "", top, scopes)]
    seen: set[int] = {id(top)}
    while waiting and len(pages) < MOST_SHEETS:
        name, scope, around = waiting.pop(0)
        sides: dict[str, tuple[str, ...]] = {}
        for device in scope.devices:
            found = _definition(device, around)
            if found is None:
                continue
            inner, inner_scopes = found
            sides.setdefault(device.model.lower(), _sides(inner, circuit))
            if id(inner) not in seen:
                seen.add(id(inner))
                waiting.append((inner.name, inner, inner_scopes))
        pages.append(Page(name, _as_circuit(scope, circuit), sides, scope))
    return pages


def _named(circuit: Circuit, name: str) -> Subcircuit:
    circuit.flatten(subcircuit=name) if name.lower() not in circuit.subcircuits else None
    found = circuit.subcircuits.get(name.lower())
    if found is None:
        raise NetlistError(f"subcircuit '{name}' is defined inside another one; name its outer one")
    return found


def _definition(device: Device, scopes: Scopes) -> tuple[Subcircuit, Scopes] | None:
    if device.kind != "subcircuit":
        return None
    for depth in range(len(scopes), 0, -1):
        found = scopes[depth - 1].subcircuits.get(device.model.lower())
        if found is not None:
            return found, (*scopes[:depth], found)
    return None


def _count(scope: Scope, scopes: Scopes, known: dict[int, int], depth: int) -> int:
    """Return how many devices a scope has when flat; very many where it contains itself."""
    if depth > _DEEPEST:
        return 10**9
    if id(scope) in known:
        return known[id(scope)]
    known[id(scope)] = 10**9  # what it is while it is being counted: a loop
    total = 0
    for device in scope.devices:
        found = _definition(device, scopes)
        total += 1 if found is None else _count(*found, known, depth + 1)
    known[id(scope)] = total
    return total


def _as_circuit(scope: Scope, whole: Circuit) -> Circuit:
    """Return a scope as a circuit of its own, whose instances stay what they are."""
    if scope is whole:
        return replace(whole, subcircuits={})
    ports = getattr(scope, "ports", ())
    directions = getattr(scope, "directions", {})
    return Circuit(
        devices=scope.devices,
        models={**whole.models, **scope.models},
        name=getattr(scope, "name", ""),
        ports=ports,
        directions=directions,
        globals=whole.globals,
    )


_SIDE_OF_CLASS: Final = {
    **{"supply": "top", "ground": "bottom", "negative_supply": "bottom"},
    **{"input": "left", "bias": "left", "output": "right"},
}


def _sides(inner: Subcircuit, whole: Circuit) -> tuple[str, ...]:
    """Return on which side of its box each port of a subcircuit belongs."""
    graph = circuit_graph(_as_circuit(inner, whole))
    class_of = {
        name.lower(): NET_CLASSES[at]
        for name, at in zip(graph.net_names, graph.net_class.tolist(), strict=True)
    }
    from eda.circuit import Device

    box = Device(inner.name, "subcircuit", inner.ports, inner.ports)
    guesses = guessed_sides(box, ["signal"] * len(inner.ports))
    return tuple(
        _SIDE_OF_CLASS.get(class_of.get(port.lower(), ""), guess)
        for port, guess in zip(inner.ports, guesses, strict=True)
    )
