"""Run the rules over a circuit: `check`."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, NetlistError
from eda.rules.electrical import Electrical
from eda.rules.finding import Finding
from eda.rules.reader import reader_findings
from eda.rules.references import scopes
from eda.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eda.circuit import Circuit

_ORDER: Final = {"error": 0, "warning": 1, "info": 2}
_HIERARCHICAL: Final = frozenset(("undefined_reference", "duplicate_name", "pin_count"))


def check(circuit: Circuit, *, rules: Iterable[str] | None = None) -> tuple[Finding, ...]:
    """Return what is electrically wrong with a circuit, the worst first, then in file order.

    Of a file with devices at its top level, that top level is checked with everything it
    instantiates; of a file of only subcircuits, each one that no other instantiates. What the
    reader reported is among the findings. A problem inside a subcircuit is reported once,
    at the line of the definition, however many instances there are.

    Args:
        circuit: As it was read.
        rules: Ids of the rules to run; all of them by default.

    Raises:
        InputError: There is no rule of that id.

    Example:
        >>> from eda.circuit import Circuit, Device
        >>> r1 = Device("R1", "resistor", ("p", "n"), ("a", "0"))
        >>> [(item.rule, item.objects) for item in check(Circuit(devices=(r1,)))]
        [('dangling_net', ('a', 'R1'))]
    """
    chosen = _chosen(rules)
    findings = [item for item in reader_findings(circuit) if item.rule in chosen or rules is None]
    reported = {(item.rule, item.file, item.line) for item in findings}
    reported_objects = {(item.rule, _lower(item.objects)) for item in findings}
    for item in _rule_findings(circuit, chosen):
        # What the reader has said of a card is not said again, in whatever words.
        if item.line and (item.rule, item.file, item.line) in reported:
            continue
        if item.objects and (item.rule, _lower(item.objects)) in reported_objects:
            continue
        findings.append(item)
    findings = _once_per_definition(findings)
    return tuple(sorted(findings, key=lambda item: (_ORDER[item.severity], item.file, item.line)))


def _chosen(rules: Iterable[str] | None) -> frozenset[str]:
    if rules is None:
        return frozenset(RULES)
    chosen = frozenset(rules)
    for name in sorted(chosen - RULES.keys()):
        close = get_close_matches(name, RULES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(RULES)}"
        raise InputError(f"no rule {name!r}; {hint}")
    return chosen


def _rule_findings(circuit: Circuit, chosen: frozenset[str]) -> Iterator[Finding]:
    try:
        views = [Electrical.of(circuit, subcircuit=name) for name in _roots(circuit)]
    except NetlistError as error:
        # Only a circuit without end cannot be flattened; the reader has mostly said so.
        if "recursion" in chosen and all(item.code != "recursion" for item in circuit.diagnostics):
            for item in error.diagnostics:
                yield Finding("recursion", "error", item.message, item.span, item.objects, item.fix)
        return
    for at, view in enumerate(views):
        for rule in RULES.values():
            # Names are checked in all definitions at once, whichever is the root.
            again = at > 0 and rule.id in _HIERARCHICAL
            if rule.find is not None and rule.id in chosen and not again:
                yield from rule.find(rule, view)


def _roots(circuit: Circuit) -> list[str | None]:
    """Return what to check: None for the top level, or names of subcircuits."""
    if circuit.devices or not circuit.subcircuits:
        return [None]
    used = {
        device.model.lower()
        for scope, _ in scopes(circuit)
        for device in scope.devices
        if device.kind == "subcircuit"
    }
    roots: list[str | None] = [name for name in circuit.subcircuits if name not in used]
    return roots or [next(iter(circuit.subcircuits))]


def _once_per_definition(findings: list[Finding]) -> list[Finding]:
    """Merge what the instances of one subcircuit have in common."""
    first: dict[tuple[object, ...], int] = {}
    counts: list[int] = []
    kept: list[Finding] = []
    for item in findings:
        locally = tuple(name.rpartition(".")[2].lower() for name in item.objects)
        nested = any("." in name for name in item.objects)
        key = (item.rule, item.severity, item.span, locally) if nested and item.line else item
        at = first.setdefault(key if isinstance(key, tuple) else (item,), len(kept))
        if at == len(kept):
            kept.append(item)
            counts.append(0)
        elif nested:
            counts[at] += 1
    return [
        replace(item, message=f"{item.message} (and in {count} more instances)") if count else item
        for item, count in zip(kept, counts, strict=True)
    ]


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)
