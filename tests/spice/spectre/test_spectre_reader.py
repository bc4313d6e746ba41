"""Spectre's language: lines, words, numbers, statements, masters, and what is wrong in them."""

from pathlib import Path

import pytest

from eda.circuit import Circuit, Expression, number
from eda.errors import NetlistError
from eda.spice import connect, parse_netlist, read_netlist, with_parameters

HEAD = "simulator lang=spectre\n"


def read(text: str, *, strict: bool = True) -> Circuit:
    return parse_netlist(HEAD + text, strict=strict)


def said(circuit: Circuit) -> list[str]:
    return [
        f"{d.span.line}:{d.span.column}: {d.severity}: {d.message}" for d in circuit.diagnostics
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1M", 1e6),
        ("1m", 1e-3),
        ("1meg", 1e-3),  # case counts, and what stands behind a suffix is a unit
        ("4.7K", 4700.0),
        ("4.7k", 4700.0),
        ("2T", 2e12),
        ("3G", 3e9),
        ("1pf", 1e-12),
        ("1F", 1.0),  # a farad, not a femto
        ("1f", 1e-15),
        ("27_C", 27.0),
        ("50%", 0.5),
        ("8'hFF", 255.0),
        ("-3u", -3e-6),
        ("1e3", 1000.0),
        ("M_PI", 3.141592653589793),
        ("2 * 1M + 1", 2000001.0),
        ("2**3**2", 512.0),
        ("(1 > 2) ? 3 : 1K", 1000.0),
        ("a != 2 ? 4 : 5", 4.0),
        ("sqrt(a*16)", 4.0),
    ],
)
def test_values(written: str, value: float) -> None:
    circuit = read(f"parameters a=1\nR1 (x 0) resistor r={written} tc1=1m\n")
    assert number(circuit.device("r1").parameters["value"]) == pytest.approx(value, rel=1e-12)
    assert circuit.device("r1").parameters["tc1"] == 1e-3


def test_languages_take_turns() -> None:
    circuit = read(
        "r2 (1 0) resistor r=1M\nsimulator lang=spice\n* a comment\nr1 1 0 1M\n"
        ".param w=2\n+ v=3\nsimulator lang = spectre // back\nr3 (1 0) resistor r=w\n"
    )
    values = [(d.name, number(d.parameters["value"]), d.span.line) for d in circuit.devices]
    assert values == [("r2", 1e6, 2), ("r1", 1e-3, 5), ("r3", 2.0, 9)]


def test_continuation_and_comments() -> None:
    circuit = read(
        "R1 (a b) \\ // why\n// a comment between\n\n    resistor \\\n  r=1k // ohms\n"
        "R2 (a b) resistor\n* another\n+ r=2k\n"
    )
    assert [(d.parameters["value"], d.span.line, d.span.end_line) for d in circuit.devices] == [
        (1000.0, 2, 6),
        (2000.0, 7, 9),
    ]


def test_values_with_blanks_end_at_the_next_name() -> None:
    device = read("M1 (d g s b) nch w=1u l=2u ad=2 * (3 + 1) pd = 4\n").device("M1")
    assert number(device.parameters["ad"]) == 8.0
    assert device.parameters["pd"] == 4.0


def test_primitives() -> None:
    circuit = read(
        "V1 (a 0) vsource type=pulse val0=0 val1=1 delay=1n rise=1p fall=1p width=5n period=10n\n"
        "V2 (a 0) vsource type=sine dc=1 ampl=2 freq=1K mag=1 phase=90\n"
        "V3 (a 0) vsource type=pwl wave=[0 0 1n 1]\nI1 (a 0) isource dc=1m\n"
        "P1 (a 0) port r=75 num=2 dc=1\nA1 (a b) iprobe\n"
        "E1 (a 0 b 0) vcvs gain=2\nG1 (a 0 b 0) vccs gm=1m\n"
        "H1 (a 0) ccvs probe=V1 rm=5\nF1 (a 0) cccs probe=V1 gain=3\n"
        "E2 (a 0 b 0 c 0) pvcvs coeffs=[0 1 2]\nF2 (a 0) pcccs probes=[V1 V2] coeffs=[0 1]\n"
        'B1 (a 0) bsource v=2*v(a,b)+i("V1:1")+$time\n'
        "L1 (a 0) inductor l=1u\nL2 (b 0) inductor l=1u\n"
        "K1 mutual_inductor coupling=0.9 ind1=L1 ind2=L2\n"
        "T1 (a 0 b 0) tline z0=50 td=1n\nS1 (a 0 b 0) relay ropen=1G rclosed=1 vt1=0 vt2=1\n"
    )
    shown = {d.name: (d.kind, dict(d.parameters), d.references) for d in circuit.devices}
    assert shown == {
        "V1": ("vsource", {"pulse": (0.0, 1.0, 1e-9, 1e-12, 1e-12, 5e-9, 1e-8)}, ()),
        "V2": ("vsource", {"dc": 1.0, "ac": 1.0, "ac_phase": 90.0, "sin": (1.0, 2.0, 1e3)}, ()),
        "V3": ("vsource", {"pwl": (0.0, 0.0, 1e-9, 1.0)}, ()),
        "I1": ("isource", {"dc": 1e-3}, ()),
        "P1": ("vsource", {"dc": 1.0, "portnum": 2.0, "z0": 75.0}, ()),
        "A1": ("vsource", {"dc": 0.0}, ()),
        "E1": ("vcvs", {"gain": 2.0}, ()),
        "G1": ("vccs", {"gain": 1e-3}, ()),
        "H1": ("ccvs", {"gain": 5.0}, ("V1",)),
        "F1": ("cccs", {"gain": 3.0}, ("V1",)),
        "E2": ("vcvs", {"poly": 2.0, "coefficients": (0.0, 1.0, 2.0)}, ()),
        "F2": ("cccs", {"poly": 2.0, "coefficients": (0.0, 1.0)}, ("V1", "V2")),
        "B1": ("behavioral", {"v": Expression("2*V(a,b)+I(V1)+time")}, ()),
        "L1": ("inductor", {"value": 1e-6}, ()),
        "L2": ("inductor", {"value": 1e-6}, ()),
        "K1": ("mutual", {"k": 0.9}, ("L1", "L2")),
        "T1": ("tline", {"z0": 50.0, "td": 1e-9}, ()),
        "S1": ("switch", {}, ()),
    }
    assert circuit.models["s1_sw"].parameters == {"vt": 0.5, "vh": 0.5, "ron": 1.0, "roff": 1e9}


def test_models() -> None:
    circuit = read(
        "model n bsim4 type=n vth0=0.4\nmodel p mos1 type=p vto=-1\nmodel q bjt type=pnp bf=50\n"
        "model d1 diode is=1f\nmodel rr resistor rsh=10\nmodel xx psp103 type=p tox=1n\n"
        "model b bsim3v3 type=n {\n 1: lmin=1u lmax=2u\n  + vth0=0.5\n 2: lmin=2u lmax=3u\n}\n"
        "M1 (d g s b) n w=1u l=1u region=sat\nM2 (d g s b) p\nQ1 (c b e) q\nX1 (a k) d1 area=2\n"
        "Y1 (a b) rr r=5 l=1u\nM3 (d g s b) xx\nM4 (d g s b) b w=1u l=1u\n"
    )
    models = {name: (card.kind, dict(card.parameters)) for name, card in circuit.models.items()}
    assert models["n"] == ("nmos", {"vth0": 0.4, "level": 14.0})
    assert models["q"] == ("pnp", {"bf": 50.0})
    assert models["xx"] == ("pmos", {"tox": 1e-9, "master": "psp103"})
    assert models["b.1"][1] == {"lmin": 1e-6, "lmax": 2e-6, "vth0": 0.5, "level": 8.0}
    kinds = [(d.kind, d.polarity) for d in circuit.devices]
    assert kinds[:3] == [("mosfet", "n"), ("mosfet", "p"), ("bipolar", "p")]
    assert kinds[3:] == [("diode", ""), ("resistor", ""), ("mosfet", "p"), ("mosfet", "n")]
    assert circuit.errors == ()


def test_subcircuits_parameters_and_functions() -> None:
    circuit = read(
        "real twice(real x) {\n    return 2*x;\n}\nparameters Wn=twice(1u)\n"
        "inline subckt inv (a y)\nparameters w=1u\n  subckt deep a\n  R1 (a 0) resistor r=1\n"
        "  ends deep\nM0 (y a 0 0) nch w=w l=60n\nx (a) deep\nends inv\n"
        "I0 (in out) inv w=2*Wn m=3\n"
    )
    flat = circuit.flatten()
    assert number(flat.device("i0.m0").parameters["w"]) == 4e-6
    assert flat.device("i0.m0").parameters["m"] == 3.0
    assert flat.device("i0.x.r1").nets == ("in", "0")


def test_names_that_differ_in_case_are_kept_apart() -> None:
    circuit = read(
        "parameters W=1u w=2u\nsubckt Inv (a A)\nM1 (a A 0 0) nch w=W l=w\n"
        "m1 (A a 0 0) nch w=w l=W\nends Inv\nsubckt inv (x)\nR1 (x 0) resistor r=1\nends inv\n"
        "I1 (p P) Inv\nI2 (p) inv\n"
    )
    inv = circuit.subcircuits["inv"]
    assert (inv.ports, [d.name for d in inv.devices]) == (("a", "A_2"), ["M1", "m1_2"])
    assert inv.devices[0].nets == ("a", "A_2", "0", "0")
    flat = circuit.flatten()
    assert number(flat.device("i1.m1").parameters["w"]) == 1e-6
    assert number(flat.device("i1.m1_2").parameters["w"]) == 2e-6
    assert flat.device("i2.r1").nets == ("p", "0")
    clashes = {message.split(": ", 2)[2] for message in said(circuit) if "case only" in message}
    assert clashes == {
        "the parameters w and W differ in case only; w is called w_2 here",
        "the definitions inv and Inv differ in case only; inv is called inv_2 here",
        "the nets A and a differ in case only; A is called A_2 here",
        "m1 and M1 differ in case only; m1 is called m1_2 here",
        "the nets P and p differ in case only; P is called P_2 here",
    }


def test_insensitive_files_have_one_name() -> None:
    text = (
        "simulator lang=spectre insensitive=yes\nR1 (OUT 0) resistor r=1\nR2 (out 0) resistor r=1\n"
    )
    circuit = parse_netlist(text)
    assert [d.nets for d in circuit.devices] == [("OUT", "0"), ("OUT", "0")]
    assert circuit.diagnostics == ()


def test_ground_and_globals() -> None:
    circuit = read("global gnd vdd!\nR1 (vdd! gnd) resistor r=1\nR2 (vdd! 0) resistor r=1\n")
    assert circuit.globals == ("vdd!",)
    assert [d.nets for d in circuit.devices] == [("vdd!", "0"), ("vdd!", "0")]


def test_escaped_names() -> None:
    circuit = read("R\\+1 (a\\<3\\> Vin\\-) resistor r=1k\n")
    assert (circuit.devices[0].name, circuit.devices[0].nets) == ("R+1", ("a<3>", "Vin-"))


def test_statements_about_runs() -> None:
    circuit = read(
        "opts options reltol=1m vabstol=1u temp=50 scale=1e-6 rforce=1\n"
        "t1 tran stop=10n maxstep=1p\nop1 dc\nd1 dc dev=V1 param=dc start=0 stop=1 step=0.1\n"
        "a1 ac start=1 stop=1G dec=10\nn1 (out 0) noise start=1 stop=1M dec=5 iprobe=V1\n"
        'p1 pss fund=1G\nic out=0.5\nnodeset x=1\nsave out V1:p\nahdl_include "amp.va"\n'
        "statistics {\n process {\n vary vt dist=gauss std=1m\n }\n}\nV1 (out 0) vsource dc=1\n"
        "M1 (d g s b) nch w=2 l=1\n"
    )
    assert [(card.text, card.language) for card in circuit.cards] == [
        (".option reltol=0.001 vntol=1e-06 temp=50", ""),
        ("opts options rforce=1", "spectre"),
        (".tran 1e-11 1e-08 0 1e-12", ""),
        (".op", ""),
        (".dc V1 0 1 0.1", ""),
        (".ac dec 10 1 1000000000.0", ""),
        (".noise v(out) V1 dec 5 1 1000000.0", ""),
        ("p1 pss fund=1G", "spectre"),
        (".ic V(out)=0.5", ""),
        (".nodeset V(x)=1.0", ""),
        ("save out V1:p", "spectre"),
        ('ahdl_include "amp.va"', "spectre"),
        ("statistics {\nprocess {\nvary vt dist=gauss std=1m\n}\n}", "spectre"),
    ]
    assert circuit.device("m1").parameters == {"w": 2e-6, "l": 1e-6}


def test_includes_sections_and_libraries(tmp_path: Path) -> None:
    (tmp_path / "models.scs").write_text(
        "library lib\nsection tt\nmodel nch bsim4 type=n vth0=0.3\nparameters corner=1\n"
        "endsection\n"
        "section ff\nmodel nch bsim4 type=n vth0=0.2\nendsection\nendlibrary\n"
    )
    (tmp_path / "cells.sp").write_text(".subckt r1k a b\nR1 a b 1k\n.ends\n")
    deck = tmp_path / "top.scs"
    deck.write_text(
        'include "models.scs" section=ff\ninclude "cells.sp"\nM1 (d g 0 0) nch w=1u l=1u\n'
        "X1 (d g) r1k\n"
    )
    circuit = read_netlist(deck)
    assert circuit.models["nch"].parameters["vth0"] == 0.2
    assert circuit.flatten().device("x1.r1").parameters["value"] == 1000.0
    deck.write_text('include "models.scs" section=ss\n')
    with pytest.raises(NetlistError, match=r"models\.scs has no section ss"):
        read_netlist(deck)
    deck.write_text('include "top.scs"\n')
    with pytest.raises(NetlistError, match=r"top\.scs includes itself"):
        read_netlist(deck)


def test_conditions() -> None:
    circuit = read(
        "parameters fast=1\nif (fast == 1) {\n  R1 (a 0) resistor r=1\n} else if (fast == 2) {\n"
        "  R1 (a 0) resistor r=2\n} else {\n  R1 (a 0) resistor r=3\n}\n"
        "if (fast != 1) R2 (a 0) resistor r=4\nelse R2 (a 0) resistor r=5\n"
    )
    assert [d.parameters["value"] for d in circuit.devices] == [1.0, 5.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("R1 (a b resistor r=1\n", "2:4: error: the bracket '(' is not closed"),
        ("R1 (a b) resistor r=\n", "2:20: error: 'r=' has no value"),
        (
            "R1 (a b) resistor r=1k foo\n",
            "2:24: error: bad expression 1k foo: 'foo' is not expected here",
        ),
        ("R1 (a b c) resistor r=1\n", "2:1: error: too many nodes on R1: resistor has 2"),
        (
            "V1 (a 0) vsource dc=undefined+1\nt tran stop=1\n",
            "2:21: error: undefined parameter undefined",
        ),
        ("(a b) resistor r=1\n", "2:1: error: an instance begins with its name"),
        ("subckt s (a)\nR1 (a 0) resistor r=1\n", "2:1: error: subckt s without ends"),
        ("ends\n", "2:1: error: ends without subckt"),
        ("model n\n", "2:1: error: model needs a name and a master"),
        ("parameters a=1 * / 2\n", "bad expression"),
        ("F1 (a 0) cccs gain=1\n", "2:1: error: F1 names no controlling source"),
        ("}\n", "2:1: error: '}' closes nothing"),
        ("parameters v=[1 2*3]\n", "2:18: error: '*' in a vector: put the expression in brackets"),
        (
            "subckt s (a b)\nR1 (a b) resistor r=1\nends\nX1 (a) s\nt tran stop=1\n",
            "5:1: error: X1: 1 nets given, 2 ports in subcircuit s",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    circuit = read(text, strict=False)
    assert any(message in line for line in said(circuit)), said(circuit)
    assert circuit.errors


def test_the_reader_goes_on_behind_a_mistake() -> None:
    circuit = read("R1 (a b) resistor r=(\nR2 (a b) resistor r=1k\n", strict=False)
    assert [d.name for d in circuit.devices] == ["R2"]


def test_errors_in_continued_statements_point_into_their_line() -> None:
    circuit = read("M1 (d g s b) nch w=1u \\\n   l=(1u\n", strict=False)
    assert said(circuit)[0] == "3:6: error: the bracket '(' is not closed"


def test_bits_have_no_counterpart() -> None:
    circuit = read("parameters a=5 & 3\nR1 (x 0) resistor r=1\n")
    assert said(circuit)[0] == (
        "2:14: warning: bad expression 5 & 3: the operator '&' on bits has no counterpart"
    )


def test_edits_are_lossless() -> None:
    text = HEAD + "M1 (d \\\n  g\\<1\\> s b) nch w=1u l=2u // input\nR1 (d 0) resistor r=2*1k\n"
    circuit = parse_netlist(text)
    moved = connect(circuit, "M1", "g", "in<2>")
    assert moved.source is not None
    assert moved.source.text == text.replace("g\\<1\\>", "in\\<2\\>")
    sized = with_parameters(
        with_parameters(moved, "M1", {"w": 3e-6, "m": 2.0}), "R1", {"value": 5e3}
    )
    assert sized.source is not None
    assert sized.source.text == (
        HEAD + "M1 (d \\\n  in\\<2\\> s b) nch w=3e-06 l=2u m=2 // input\n"
        "R1 (d 0) resistor r=5000\n"
    )
    again = parse_netlist(sized.source.text)
    assert again.device("m1").parameters == sized.device("m1").parameters


def test_every_spectre_file_of_the_corpora_is_read(data: Path) -> None:
    paths = [*sorted((data / "sizing/aicircuit").glob("*.netlist"))]
    paths += sorted((data / "spice/analoggym/Amplifier/spectre_netlist").iterdir())[:3]
    paths += sorted((data / "spice/analoggym/Sensing_Front_End").glob("spectre_*"))[:2]
    for path in paths:
        circuit = read_netlist(path)
        assert circuit.dialect == "spectre"
        assert len(circuit.flatten().devices) > 4
