"""Rules on what a file defines: names that differ in case only, subcircuits that nobody uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.circuit import Circuit
from eda.graph.net_classes import name_class
from eda.rules.finding import Finding, Rule
from eda.rules.scopes import scopes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.circuit import Device
    from eda.rules.electrical import Electrical

_RAILS: Final = ("ground", "supply", "negative_supply")


def _find_collisions(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for scope, _ in scopes(view.circuit):
        spelled: dict[str, Device] = {}
        for device in scope.devices:
            for net in device.nets:
                spelled.setdefault(net, device)
        lower = [name.lower() for name in spelled]
        if len(set(lower)) == len(lower):
            continue
        first: dict[str, str] = {}
        for name, device in spelled.items():
            earlier = first.setdefault(name.lower(), name)
            # Rails are written as the mood takes one, and are the same net anyway.
            if earlier != name and name_class(name) not in _RAILS:
                message = f"{earlier} and {name} are one net: SPICE does not tell case apart"
                yield rule.finding(message, device.span, [earlier, name])


CASE_COLLISION: Final = Rule(
    "case_collision",
    "warning",
    "two spellings of a net that differ in case only; rails are left out",
    "SPICE joins the two, other tools keep them apart: one of them has another circuit.",
    "spell the net one way, or rename one of the two nets",
    _find_collisions,
)


def _find_unused(rule: Rule, view: Electrical) -> Iterator[Finding]:
    circuit = view.circuit
    if not circuit.devices or circuit.source is None:
        return
    used = {
        device.model.lower()
        for scope, _ in scopes(circuit)
        for device in scope.devices
        if device.kind == "subcircuit"
    }
    for scope, _ in scopes(circuit):
        # Of libraries that are included, most cells are always unused.
        if isinstance(scope, Circuit):
            continue
        if scope.name.lower() not in used and scope.span.path == circuit.source.path:
            message = f"subcircuit {scope.name} is used nowhere"
            yield rule.finding(message, scope.span, [scope.name])


UNUSED_SUBCKT: Final = Rule(
    "unused_subckt",
    "info",
    "a subcircuit of the file itself that no instance uses",
    "It is left over, or the instance that was to use it names another one.",
    "remove it, or correct the instance",
    _find_unused,
)
