"""Flattening: every instance replaced by the devices of its subcircuit, named by path.

Each subcircuit is worked out once per set of parameter values it sees (a recipe), then
written out instance by instance, so that a memory of a hundred thousand cells costs little
more than the copying.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eda.circuit.circuit import Circuit, Scope, Subcircuit
from eda.circuit.instances import write_out
from eda.circuit.recipes import Recipes
from eda.errors import NetlistError

MAX_DEVICES = 5_000_000
"""Largest flat circuit that is made."""


def top_subcircuit(circuit: Circuit) -> Subcircuit | None:
    """Return the subcircuit a file without top-level devices is about, or None.

    It is the one nobody instantiates; of several, the last, which is where cell libraries
    and LVS netlists have their top.
    """
    if circuit.devices or not circuit.subcircuits:
        return None
    used = {
        device.model.lower()
        for sub in circuit.subcircuits.values()
        for device in sub.devices
        if device.kind == "subcircuit"
    }
    free = [sub for name, sub in circuit.subcircuits.items() if name not in used]
    return (free or list(circuit.subcircuits.values()))[-1]


def flatten(circuit: Circuit, *, subcircuit: str | None = None, strict: bool = False) -> Circuit:
    """Return a circuit without hierarchy.

    Devices are named by path (``x1.x2.r1``), nets likewise (``x1.x2.net3``); ports take the
    net outside, globals and ground keep their name. Parameters become numbers. Instances of
    undefined subcircuits stay as black boxes.

    Args:
        circuit: The circuit.
        subcircuit: Name of a subcircuit to take for the top; by default the top level, or in
            a file of only subcircuits the one nobody instantiates.
        strict: Whether undefined subcircuits raise.

    Raises:
        NetlistError: There is no such subcircuit, it contains itself, is nested deeper than
            100 levels, or would have more than 5 million devices.
    """
    top: Scope = circuit
    ports: tuple[str, ...] = circuit.ports
    directions: Mapping[str, str] = circuit.directions
    chosen = top_subcircuit(circuit)
    if subcircuit is not None:
        chosen = _subcircuit_named(circuit, subcircuit)
    if chosen is not None:
        top, ports, directions = chosen, chosen.ports, chosen.directions
    run = Recipes(circuit, strict)
    environment = run.environment_of(top)
    recipe = run.recipe(top, environment, ())
    if recipe.count > MAX_DEVICES:
        raise NetlistError(
            f"flattened it would have {recipe.count:,} devices, more than {MAX_DEVICES:,}; "
            "choose a part of it with --subcircuit",
            path=circuit.source.path if circuit.source else "",
        )
    devices, cards = write_out(recipe, ports, run.globals)
    return replace(
        circuit,
        devices=devices,
        cards=(*circuit.cards, *cards),
        subcircuits={},
        models=run.models,
        parameters={},
        functions={},
        ports=ports,
        name=chosen.name if chosen is not None else circuit.name,
        directions=directions,
        diagnostics=(*circuit.diagnostics, *run.diagnostics),
    )


def _subcircuit_named(circuit: Circuit, name: str) -> Subcircuit:
    """Return a subcircuit by name; ``outer/inner`` names one defined inside another."""
    outer, slash, inner = name.lower().rpartition("/")
    scope: Scope = _subcircuit_named(circuit, outer) if slash else circuit
    found = scope.subcircuits.get(inner)
    if found is None:
        from difflib import get_close_matches

        close = get_close_matches(inner, scope.subcircuits, n=3)
        known = close or list(scope.subcircuits)[:5]
        hint = f"; there is {', '.join(known)}" if known else "; the file defines none"
        raise NetlistError(f"no subcircuit '{name}'{hint}")
    return found
