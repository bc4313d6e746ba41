"""Run the rules over a circuit: `check`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from eda.circuit import Span
from eda.errors import InputError, NetlistError
from eda.rules.electrical import Electrical
from eda.rules.finding import OFF, Finding
from eda.rules.reader import reader_findings
from eda.rules.scopes import scopes
from eda.rules.table import RULES
from eda.rules.waivers import WAIVER, idle_findings, read_waivers, waive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from eda.circuit import Circuit
    from eda.rules.finding import Rule, Setting

_ORDER: Final = {"error": 0, "warning": 1, "info": 2}
_WIRING: Final = frozenset(("floating_gate", "no_dc_path", "isource_cutset", "bulk_floating"))
# Rules on the file as it was written: they look at all definitions at once.
_HIERARCHICAL: Final = frozenset(
    (
        *("undefined_reference", "duplicate_name", "pin_count"),
        *("unconnected_port", "case_collision", "unused_subckt"),
    )
)


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules found.

    Attributes:
        findings: The worst first, then in file order.
        waived: Those that a comment in the netlist waives, in the same order.
    """

    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...] = ()


def check(
    circuit: Circuit,
    *,
    rules: Iterable[str] | None = None,
    severities: Mapping[str, Setting] | None = None,
) -> tuple[Finding, ...]:
    """Return what is electrically wrong with a circuit, the worst first, then in file order.

    Of a file with devices at its top level, that top level is checked with everything it
    instantiates; of a file of only subcircuits, each one that no other instantiates. What the
    reader reported is among the findings. A problem inside a subcircuit is reported once,
    at the line of the definition, however many instances there are. What a comment in the
    netlist waives is left out; `check_report` has it too.

    Args:
        circuit: As it was read.
        rules: Ids of the rules to run; by default all that are on.
        severities: Severity of every finding of a rule, instead of its own, by id; ``off``
            leaves the rule out, any other turns it on. `eda.rules.read_severities` reads them.

    Raises:
        InputError: There is no rule of that id.

    Example:
        >>> from eda.circuit import Circuit, Device
        >>> r1 = Device("R1", "resistor", ("p", "n"), ("a", "0"))
        >>> [(item.rule, item.objects) for item in check(Circuit(devices=(r1,)))]
        [('dangling_net', ('a', 'R1'))]
    """
    return check_report(circuit, rules=rules, severities=severities).findings


def check_report(
    circuit: Circuit,
    *,
    rules: Iterable[str] | None = None,
    severities: Mapping[str, Setting] | None = None,
) -> Report:
    """Return the findings of `check`, and those that comments in the netlist waive.

    Raises:
        InputError: There is no rule of that id.
    """
    given = dict(severities or {})
    chosen = _chosen(rules, given)
    findings = [
        item
        for item in reader_findings(circuit)
        if item.rule in chosen or (rules is None and item.rule not in RULES)
    ]
    reported = {key for item in findings for key in _keys(item)}
    findings += [
        item for item in _rule_findings(circuit, chosen) if reported.isdisjoint(_keys(item))
    ]
    waivers = read_waivers(circuit)
    kept, waived, idle = waive(waivers, _once_per_definition(findings))
    if WAIVER.id in chosen:
        # A rule that did not run has found nothing, which tells nothing of its waivers.
        idle = [item for item in idle if item.rule in chosen or item.rule not in RULES]
        kept += idle_findings(WAIVER, idle, RULES)
    return Report(_in_order(kept, given), _in_order(waived, given))


def _in_order(
    findings: Iterable[Finding], severities: Mapping[str, Setting]
) -> tuple[Finding, ...]:
    given = [
        item
        if (severity := severities.get(item.rule, OFF)) == OFF
        # Asked for by name, a rule runs although it is off, with the severity of its own.
        else replace(item, severity=severity)
        for item in findings
    ]
    return tuple(sorted(given, key=lambda item: (_ORDER[item.severity], item.file, item.line)))


def _chosen(rules: Iterable[str] | None, severities: Mapping[str, Setting]) -> frozenset[str]:
    for name in severities:
        known_rule(name)
    if rules is not None:
        return frozenset(known_rule(name).id for name in rules)
    return frozenset(
        name
        for name, rule in RULES.items()
        if severities.get(name, "on" if rule.on else OFF) != OFF
    )


def known_rule(name: str) -> Rule:
    """Return the rule of this id.

    Raises:
        InputError: There is none; the message names a similar one.
    """
    if name in RULES:
        return RULES[name]
    close = get_close_matches(name, RULES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(RULES)}"
    raise InputError(f"no rule {name!r}; {hint}")


def _rule_findings(circuit: Circuit, chosen: frozenset[str]) -> Iterator[Finding]:
    names = _roots(circuit)
    unsure = _misses_wiring(circuit)
    try:
        views = [Electrical.of(circuit, subcircuit=name) for name in names]
    except NetlistError as error:
        # Only a circuit without end cannot be flattened; the reader has mostly said so.
        if "recursion" in chosen and all(item.code != "recursion" for item in circuit.diagnostics):
            span = Span(error.path, error.line, error.column or 1)
            yield Finding("recursion", "error", str(error), span, (), RULES["recursion"].mend)
        return
    for at, view in enumerate(views):
        for rule in RULES.values():
            # Names are checked in all definitions at once, whichever is the root.
            again = at > 0 and rule.id in _HIERARCHICAL
            if rule.find is None or rule.id not in chosen or again:
                continue
            for item in rule.find(rule, view):
                if len(views) > 1 and rule.id not in _HIERARCHICAL:
                    # Of several circuits in a file, say which.
                    item = replace(item, message=f"{item.message}, in {names[at]}")
                if unsure and item.severity == "error" and rule.id in _WIRING:
                    # The missing file is read in the middle of a subcircuit, so it holds wires.
                    item = replace(item, severity="warning")
                yield item


def _misses_wiring(circuit: Circuit) -> bool:
    """Return whether a file is missing that is included inside a subcircuit."""
    texts = {source.path: source.text for source in (*circuit.files, circuit.source) if source}
    depths: dict[str, list[int]] = {}
    for item in circuit.diagnostics:
        path, line = item.span.path, item.span.line
        if item.code == "include" and path in texts:
            if path not in depths:
                depths[path] = _nesting(texts[path])
            if depths[path][min(line, len(depths[path]) - 1)] > 0:
                return True
    return False


def _nesting(text: str) -> list[int]:
    """Return how many subcircuits are open behind each line; the first entry is line 0."""
    depths = [0]
    for line in text.lower().splitlines():
        word = line.split(None, 1)[0] if line.strip() else ""
        depths.append(depths[-1] + (word == ".subckt") - (word == ".ends"))
    return depths


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


def _keys(item: Finding) -> set[tuple[object, ...]]:
    """Return what tells that two findings are one, in whatever words."""
    keys: set[tuple[object, ...]] = set()
    if item.line:
        keys.add((item.rule, item.file, item.line))
    if item.objects:
        keys.add((item.rule, frozenset(name.lower() for name in item.objects)))
    if item.rule == "undefined_reference" and len(item.objects) > 1:
        # One missing subcircuit is one problem, however many instances it has.
        keys.add((item.rule, item.objects[-1].lower()))
    return keys
