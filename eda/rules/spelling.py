"""Rules on what a file defines: names that differ in case only, subcircuits that nobody uses."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from eda.circuit import Circuit
from eda.graph.net_classes import name_class
from eda.rules.finding import Finding, Rule
from eda.rules.scopes import scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eda.circuit import Device
    from eda.rules.electrical import Electrical

_RAILS: Final = ("ground", "supply", "negative_supply")


def _find_collisions(rule: Rule, view: Electrical) -> Iterator[Finding]:
    texts = {item.path: item.text for item in (view.circuit.source, *view.circuit.files) if item}
    mixed = {path: words for path, text in texts.items() if (words := _mixed_words(text))}
    lines = {path: texts[path].splitlines() for path in mixed}
    for scope, _ in scopes(view.circuit):
        spelled: dict[str, Device] = {}
        for device in scope.devices:
            path = device.span.path
            nets: Iterable[str] = device.nets
            if path in mixed and not mixed[path].isdisjoint(nets):
                nets = _as_written(device, lines[path])
            for net in nets:
                spelled.setdefault(net, device)
        if len({name.lower() for name in spelled}) == len(spelled):
            continue
        first: dict[str, str] = {}
        for name, device in spelled.items():
            earlier = first.setdefault(name.lower(), name)
            # Rails are written as the mood takes one, and are the same net anyway.
            if earlier != name and name_class(name) not in _RAILS:
                message = f"{earlier} and {name} are one net: SPICE does not tell case apart"
                yield rule.finding(message, device.span, [earlier, name])


def _mixed_words(text: str) -> frozenset[str]:
    """Return the words of a file that stand there in several spellings, but for rails."""
    words = set(text.split())
    counts = Counter(map(str.lower, words))
    if len(counts) == len(words):
        return frozenset()
    mixed = {
        lower for lower, count in counts.items() if count > 1 and name_class(lower) not in _RAILS
    }
    return frozenset(word for word in words if word.lower() in mixed) if mixed else frozenset()


def _as_written(device: Device, lines: Sequence[str]) -> Iterable[str]:
    """Return the nets of a device as its card spells them: the reader makes them alike."""
    _, line, _, end = device.span
    if not 0 < line <= len(lines):
        return device.nets
    card = " ".join(lines[line - 1 : max(end, line)]).split()
    written = {word.lower(): word for word in reversed(card[1:])}
    return [written.get(net.lower(), net) for net in device.nets]


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
