"""Which circuit of a file is checked, and how findings are gathered."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from eda.circuit import Circuit, Device, Diagnostic, Severity, Source, Span, Subcircuit
from eda.errors import InputError
from eda.rules import RULES, check

Add = Callable[..., Circuit]


def diagnostic(code: str, severity: Severity, line: int, *objects: str) -> Diagnostic:
    return Diagnostic(severity, code, f"{code}!", Span("deck.sp", line), "", "mend it", objects)


def cell(name: str, *, floating: bool) -> Subcircuit:
    gate = "open" if floating else "a"
    device = Device(
        *("M1", "mosfet", ("d", "g", "s", "b"), ("y", gate, "vss", "vss")),
        polarity="n",
        span=Span("deck.sp", 3),
    )
    return Subcircuit(devices=(device,), name=name, ports=("a", "y", "vss"))


def instance(name: str, model: str) -> Device:
    return Device(name, "subcircuit", ("a", "y", "vss"), ("a", "y", "0"), model)


def test_rules_have_all_their_texts() -> None:
    for name, rule in RULES.items():
        assert name == rule.id
        assert rule.reason.endswith(".")
        assert rule.mend
        assert rule.severity in ("error", "warning", "info")


def test_a_problem_in_a_subcircuit_is_one_finding_at_its_definition(deck: Add) -> None:
    cells = {"cell": cell("cell", floating=True)}
    circuit = deck("V1 a 0 1", "R1 y 0 1", "R2 a 0 1", subcircuits=cells)
    instances = tuple(instance(f"X{at}", "cell") for at in range(3))
    circuit = replace(circuit, devices=(*circuit.devices, *instances))
    (finding,) = check(circuit, rules=["floating_gate"])
    assert finding.message.lower() == (
        "net x0.open reaches only the gate of x0.m1 (and in 2 more instances)"
    )
    assert tuple(name.lower() for name in finding.objects) == ("x0.open", "x0.m1")
    assert finding.span == Span("deck.sp", 3)


def test_of_a_file_of_subcircuits_those_nobody_uses_are_checked() -> None:
    top = Subcircuit(devices=(instance("X1", "good"),), name="top", ports=("a", "y", "0"))
    circuit = Circuit(
        subcircuits={
            "good": cell("good", floating=False),
            "bad": cell("bad", floating=True),
            "top": top,
        }
    )
    (finding,) = check(circuit, rules=["floating_gate"])
    assert finding.message == "net open reaches only the gate of M1, in bad"


def test_a_subcircuit_on_its_own_is_driven_from_outside() -> None:
    assert check(Circuit(subcircuits={"good": cell("good", floating=False)})) == ()


def test_what_the_reader_said_is_among_the_findings(deck: Add) -> None:
    circuit = deck(
        "V1 a 0 1",
        "R1 a 0 1",
        diagnostics=(
            diagnostic("syntax", "error", 9, "R7"),
            diagnostic("undefined_model", "info", 4, "M1", "nch"),
            diagnostic("undefined_model", "error", 5, "M2", "pch"),
            diagnostic("undefined_parameter", "error", 6, "R2", "w"),
            diagnostic("something_new", "warning", 1),
        ),
    )
    assert [(item.rule, item.severity, item.line, item.objects) for item in check(circuit)] == [
        ("undefined_reference", "error", 5, ("M2", "pch")),
        ("undefined_reference", "error", 6, ("R2", "w")),
        ("syntax", "error", 9, ("R7",)),
        ("something_new", "warning", 1, ()),
        ("undefined_model", "info", 4, ("M1", "nch")),
    ]
    assert check(circuit, rules=["syntax"])[0].fix == "mend it"
    assert [item.rule for item in check(circuit, rules=["syntax"])] == ["syntax"]


@pytest.mark.parametrize(
    ("code", "card", "objects"),
    [
        ("undefined_reference", "X1 a 0 nosuch", ("X1", "nosuch")),
        ("duplicate_name", "R1 a 0 2", ("R1",)),
    ],
)
def test_what_the_reader_said_is_not_said_twice(
    deck: Add, code: str, card: str, objects: tuple[str, ...]
) -> None:
    said = diagnostic(code, "error", 77, *objects)
    circuit = deck("V1 a 0 1", "R1 a 0 1", card, diagnostics=(said,))
    assert [item.message for item in check(circuit)] == [f"{code}!"]


def test_a_black_box_is_an_error_unless_an_include_is_missing(deck: Add) -> None:
    box = diagnostic("undefined_reference", "warning", 3, "X1", "amp")
    missing = diagnostic("include", "warning", 2)
    circuit = deck("V1 a 0 1", "X1 a 0 amp")
    assert [item.severity for item in check(replace(circuit, diagnostics=(box,)))] == ["error"]
    found = check(replace(circuit, diagnostics=(box, missing)))
    assert [item.severity for item in found] == ["warning", "warning"]


def test_wires_of_a_missing_include_make_findings_unsure(deck: Add) -> None:
    text = "* title\n.subckt cell y vss\nM1 y open vss vss nch\n.include cell.pxi\n.ends\n"
    inner = replace(cell("cell", floating=True), ports=("y", "vss"))
    missing = diagnostic("include", "warning", 4)
    circuit = Circuit(
        subcircuits={"cell": inner},
        diagnostics=(missing,),
        source=Source("deck.sp", text),
    )
    assert [(item.rule, item.severity) for item in check(circuit)] == [
        ("floating_gate", "warning"),
        ("include", "warning"),
    ]
    outside = replace(circuit, source=Source("deck.sp", text.replace(".ends\n", "")))
    outside = replace(outside, diagnostics=(replace(missing, span=Span("deck.sp", 1)),))
    assert check(outside)[0].severity == "error"


def test_a_circuit_in_circles_gives_a_finding_and_no_exception() -> None:
    again = Subcircuit(
        devices=(Device("X1", "subcircuit", ("a",), ("a",), "again", span=Span("d.sp", 4)),),
        name="again",
        ports=("a",),
    )
    top = Device("X0", "subcircuit", ("a",), ("0",), "again")
    circuit = Circuit(devices=(top,), subcircuits={"again": again})
    found = check(circuit)
    assert [(item.rule, item.severity) for item in found] == [("recursion", "error")]
    said = replace(circuit, diagnostics=(diagnostic("recursion", "error", 4, "again"),))
    assert [item.message for item in check(said)] == ["recursion!"]


def test_errors_come_first_then_the_order_of_the_file(deck: Add) -> None:
    circuit = deck("V1 vdd 0 1", "R1 vdd nx 1", "M1 vdd in 0 0 n", "R2 vdd ny 1", "C1 vdd nz")
    assert [(item.severity, item.line) for item in check(circuit)] == [
        *(("error", 4), ("error", 6), ("warning", 3), ("warning", 5)),
    ]


def test_only_the_rules_asked_for_run(deck: Add) -> None:
    circuit = deck("V1 vdd 0 1", "R1 vdd nx 1", "M1 vdd in 0 0 n")
    assert [item.rule for item in check(circuit, rules=["dangling_net"])] == ["dangling_net"]
    assert check(circuit, rules=[]) == ()


def test_unknown_rules_are_refused(deck: Add) -> None:
    with pytest.raises(InputError) as caught:
        check(deck(), rules=["floating_gates"])
    assert str(caught.value) == "no rule 'floating_gates'; did you mean floating_gate?"
    with pytest.raises(InputError, match=r"^no rule 'zzz'; there are syntax, bad_value, "):
        check(deck(), rules=["zzz"])
