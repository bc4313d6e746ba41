"""A circuit that grows is told the same of as the finished one, by the batch form of the rules."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.rules import PARTIAL_RULES, RULES, Finding, PartialCircuit, check
from eda.rules.partial_state import TYPES

PORTS = {
    **{"vdd": "supply", "vss": "negative_supply", "gnd": "ground"},
    **{"out": "output", "inp": "input", "vb1": "bias"},
}
RULE_IDS = [rule.id for rule in PARTIAL_RULES]
NETS = (*PORTS, "0", "n1", "n2", "n3", "n4", "nc")

Told = list[tuple[str, str, tuple[str, ...], str]]
Step = tuple[str, dict[str, str], float | None]


def told(findings: Iterable[Finding]) -> Told:
    return sorted(
        (item.rule, item.severity, tuple(sorted(item.objects)), item.strict) for item in findings
    )


@st.composite
def devices(draw: st.DrawFn) -> Step:
    kind = draw(st.sampled_from(sorted(TYPES)))
    roles = TYPES[kind].roles
    missing = draw(st.sampled_from([None, None, None, *roles]))
    pins = {role: draw(st.sampled_from(NETS)) for role in roles if role not in (missing, "t")}
    value = draw(st.sampled_from([None, 0.0, 1.0]))
    return kind, pins, value


circuits = st.lists(devices(), max_size=12)
declared = st.sets(st.sampled_from(sorted(PORTS)))
RAILS = {"vdd", "vss"}


def grown(steps: list[Step], ports: set[str], *, late: str = "") -> PartialCircuit:
    """Build it; without its port, a name that means something would be an internal net."""
    circuit = PartialCircuit({name: PORTS[name] for name in sorted(ports)})
    for kind, pins, value in steps:
        known = {*ports, late}
        nets = {
            role: "n1" if net in PORTS and net not in known else net for role, net in pins.items()
        }
        circuit.add_device(kind, nets, value=value)
    return circuit


def batch(circuit: PartialCircuit) -> Told:
    view = circuit.view()
    return told(item for rule in PARTIAL_RULES if rule.find for item in rule.find(rule, view))


@settings(deadline=None, max_examples=100)
@given(circuits, declared)
def test_it_agrees_with_the_check_of_the_finished_circuit(
    steps: list[Step], ports: set[str]
) -> None:
    # Rails by name, and no source of a known voltage: else check guesses at further rails.
    steps = [(kind, pins, 0.0 if kind == "vsource" else value) for kind, pins, value in steps]
    circuit = grown(steps, ports | RAILS)
    assert told(circuit.findings()) == told(check(circuit.to_circuit(), rules=RULE_IDS))


@settings(deadline=None, max_examples=100)
@given(circuits, declared)
def test_it_agrees_whatever_is_declared(steps: list[Step], ports: set[str]) -> None:
    circuit = grown(steps, ports)
    assert told(circuit.findings()) == batch(circuit)


@settings(deadline=None, max_examples=50)
@given(circuits, declared, st.sampled_from(sorted(PORTS)))
def test_a_net_may_become_a_port_later(steps: list[Step], ports: set[str], late: str) -> None:
    # The late port is in use before it is declared.
    circuit = grown(steps, ports - {late}, late=late)
    before = told(circuit.findings())
    circuit.add_port(late, PORTS[late])
    assert told(circuit.findings()) == batch(circuit)
    circuit.undo()
    assert told(circuit.findings()) == before


@settings(deadline=None, max_examples=50)
@given(circuits, circuits, declared)
def test_undo_and_copy_leave_no_trace(first: list[Step], more: list[Step], ports: set[str]) -> None:
    circuit = grown(first, ports)
    before = (told(circuit.findings()), circuit.obligations(), circuit.nets, circuit.to_circuit())
    branch = circuit.copy()
    for kind, pins, value in more:
        circuit.breaks(kind, pins, value=value)
        circuit.add_device(kind, pins, value=value)
    for _ in more:
        circuit.undo()
    for one in (circuit, branch):
        after = (told(one.findings()), one.obligations(), one.nets, one.to_circuit())
        assert after == before
    for kind, pins, value in more:
        branch.add_device(kind, pins, value=value)
    assert (told(circuit.findings()), circuit.obligations(), circuit.nets) == before[:3]


@settings(deadline=None, max_examples=60)
@given(circuits, devices(), declared)
def test_what_a_move_breaks_is_what_it_has_broken(
    steps: list[Step], move: Step, ports: set[str]
) -> None:
    circuit = grown(steps, ports)
    kind, pins, value = move
    lasting = {rule.id for rule in PARTIAL_RULES[:8]}
    foretold = [item.rule for item in circuit.breaks(kind, pins, value=value)]
    had = [item.rule for item in circuit.findings() if item.rule in lasting]
    circuit.add_device(kind, pins, value=value)
    has = [item.rule for item in circuit.findings() if item.rule in lasting]
    for rule in foretold:
        assert rule in has
    if not foretold and not circuit._state.shorted:
        # Bulks on a moving net and rails that are joined by the move speak of other devices.
        quiet = {"bulk_not_rail", "always_off", "always_on", "bulk_wrong_rail"}
        assert [rule for rule in has if rule not in quiet] == [r for r in had if r not in quiet]


def test_the_rules_are_those_of_the_batch_form() -> None:
    assert all(RULES[rule.id] is rule for rule in PARTIAL_RULES)
    strict = {name for rule in PARTIAL_RULES for name in rule.strict}
    assert strict == {"R1", "R2", "R3", "R4", "R5", "R6", "R7", "R9", "R10", "R12", "R13"}


def test_a_move_is_told_of_in_full() -> None:
    circuit = PartialCircuit({"vdd": "supply", "vss": "ground"})
    (finding,) = circuit.breaks("inductor", {"p": "vdd", "n": "vss"})
    assert (finding.rule, finding.message, finding.strict) == (
        *("supply_short", "the new inductor joins a supply to ground", "R10"),
    )
    assert not circuit.sound("nmos", {"d": "a", "g": "a", "s": "a", "b": "vss"})
    assert circuit.sound("nmos", {"d": "a", "g": "b", "s": "a", "b": "vss"})
    assert circuit.nets == ("vdd", "vss")


def test_names_are_given_in_order() -> None:
    circuit = PartialCircuit()
    pins = {"p": "a", "n": "0"}
    names = [circuit.add_device(kind, pins) for kind in ("resistor", "capacitor", "resistor")]
    assert names == ["R1", "C1", "R2"]
    circuit.undo()
    assert circuit.add_device("resistor", pins) == "R2"
    assert circuit.add_device("vsource", pins, name="Vin", value=1.0) == "Vin"
    assert len(circuit) == 4


def test_what_it_cannot_do_is_refused() -> None:
    circuit = PartialCircuit({"vdd": "supply"})
    with pytest.raises(InputError, match=r"^no type of device 'nmoss'; did you mean nmos\?$"):
        circuit.add_device("nmoss", {})
    with pytest.raises(InputError, match=r"^resistor has no pin 'd'; its pins are p, n$"):
        circuit.breaks("resistor", {"d": "a"})
    with pytest.raises(InputError, match=r"^no class of ports 'rail'; there are ground, supply, "):
        circuit.add_port("x", "rail")
    with pytest.raises(InputError, match=r"^VDD is a port already$"):
        circuit.add_port("VDD")
    with pytest.raises(InputError, match=r"^there is no step to undo since this circuit was made"):
        circuit.undo()
