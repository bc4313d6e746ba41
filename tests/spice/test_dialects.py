"""Which dialect a text is taken for, and what is peculiar to each."""

from pathlib import Path

import pytest

from eda.spice import detect_dialect, parse_netlist


@pytest.mark.parametrize(
    ("text", "path", "dialect"),
    [
        ("* t\nR1 a 0 1k\n", "", "ngspice"),
        ("* t\n.control\nrun\n.endc\n", "", "ngspice"),
        ("* t\nA1 [a b] c m\n", "", "ngspice"),
        ("* t\nR1 a 0 1k\n", "cell.cdl", "cdl"),
        ("*.PININFO a:I\n.subckt s a\n", "", "cdl"),
        ("* t\nX1 a b / inv\n", "", "cdl"),
        ("* t\nR1 a b 1k $[rpoly]\n", "", "cdl"),
        ("* t\nR1 a 0 1k\n.backanno\n", "", "ltspice"),
        ("* C:\\decks\\amp.asc\nR1 a 0 1k\n", "", "ltspice"),
        ("* t\nC1 a 0 1u Rser=1\n", "", "ltspice"),
        ("* t\nC1 a 0 4.7\u00b5\n", "", "ltspice"),
        ("* t\n.probe\n", "", "pspice"),
        ("* source AMP\nR1 a 0 1k\n", "", "pspice"),
        ("* t\nR_R1 a 0 1k\n", "", "pspice"),
        ("* t\n.macro s a\n.eom\n", "", "hspice"),
        ("* t\n.option post accurate\n", "", "hspice"),
        (".title KiCad schematic\nR1 a 0 1k\n", "", "kicad"),
        ("* t\nR1 Net-_R1-Pad1_ 0 1k\n", "", "kicad"),
        ("* t\n* dialect: ngspice\nR_R1 a 0 1k\n", "", "ngspice"),
    ],
)
def test_detected(text: str, path: str, dialect: str) -> None:
    assert detect_dialect(text, path).name == dialect


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("simulator lang=spectre\n", ""),
        ("  simulator   lang = spectre\n", ""),
        ("R0 (a b) resistor r=1k\n", "top.scs"),
        ("// made by a tool\n\nsubckt inv a y\nM0 (a y) nmos\nends inv\n", ""),
        ("subckt inv a y\nR0 (a y) resistor\nends inv\n", ""),
        ("// x\nparameters w=1u\n", ""),
        ("inline subckt nch (d g s b)\nends nch\n", ""),
        ("\nV1 (vdd 0) vsource dc=1\n", ""),
    ],
)
def test_spectre_is_told(text: str, path: str) -> None:
    assert detect_dialect(text, path).name == "spectre"


@pytest.mark.parametrize(
    "text", ["* t\nsubckt is a word\n", "* t\n.subckt a b\nR1 a b 1\n.ends\n", "//\n.subckt s a\n"]
)
def test_what_only_looks_like_spectre(text: str) -> None:
    assert detect_dialect(text).name == "ngspice"


@pytest.mark.parametrize(
    "text",
    ["x\n" + "\n \n" * 30_000, "//\n" * 20_000, "*" + "\\" * 65_000, "subckt a\n" + " " * 65_000],
    ids=["blank", "slashes", "backslashes", "blanks"],
)
def test_detection_is_linear(text: str) -> None:
    # Quadratic, each would take minutes.
    assert detect_dialect(text).name == "ngspice"


def test_cdl() -> None:
    circuit = parse_netlist(
        "*.SCALE MICRON\n.subckt inv a y vdd! vss!\n*.PININFO a:I y:O vdd!:B\n"
        "MM0 y a vss! vss! nch W=0.5 L=0.1 $X=1 $Y=2\nRR1 a y 1k $[rppoly] $W=2\n"
        "XI0 a y / other $PINS\n.ends\n.subckt other a y\n.ends\n"
    )
    inv = circuit.subcircuits["inv"]
    assert circuit.dialect == "cdl"
    assert dict(inv.directions) == {"a": "input", "y": "output", "vdd!": "inout"}
    assert inv.device("mm0").parameters["w"] == 0.5e-6
    assert inv.device("rr1").model == "rppoly"
    assert inv.device("xi0").model == "other"
    assert inv.device("xi0").nets == ("a", "y")


def test_hspice_stops_at_end_and_at_alter() -> None:
    circuit = parse_netlist("* t\n.option post\nR1 a 0 1x\n.alter\nR2 a 0 1\n.end\nR3 a 0 1\n")
    assert [(device.name, device.parameters["value"]) for device in circuit.devices] == [
        ("R1", 1e6)
    ]


def test_ltspice_functions_and_series_resistance() -> None:
    circuit = parse_netlist(
        "* t\nC1 a 0 4\u00b57 Rser=1 Lser=1n\nA1 a 0 0 0 0 b 0 0 BUF vhigh=5\n.backanno\n"
    )
    assert circuit.devices[0].parameters == {"value": 4.7e-6, "rser": 1.0, "lser": 1e-9}
    assert (circuit.devices[1].kind, circuit.devices[1].model) == ("xspice", "BUF")


def test_pspice_ground_is_a_net_of_its_own_only_where_it_says_so() -> None:
    assert parse_netlist("* t\nR1 a gnd 1\n", dialect="pspice").devices[0].nets == ("a", "gnd")
    assert parse_netlist("* t\nR1 a gnd 1\n", dialect="ngspice").devices[0].nets == ("a", "0")


def test_kicad_parts_are_black_boxes() -> None:
    circuit = parse_netlist(".title KiCad schematic\nU1 a b c LM358\nR1 a b 4k7\nJ1 a b Conn\n")
    assert [(device.name, device.kind) for device in circuit.devices] == [
        ("U1", "subcircuit"),
        ("R1", "resistor"),
        ("J1", "subcircuit"),
    ]


def test_conditions_and_functions() -> None:
    circuit = parse_netlist(
        "* t\n.param a=2 f(x)={x*2}\n.func g(x,y) {x+y}\n"
        ".if (a==1)\nR1 n 0 1\n.elseif (f(a)==4)\nR2 n 0 {g(a,1k)}\n"
        ".if (later > 0)\nR3 n 0 1\n.endif\n.else\nR4 n 0 1\n.endif\n.param later=1\n"
    )
    assert [device.name for device in circuit.devices] == ["R2", "R3"]
    assert circuit.device("r2").parameters["value"].value == 1002.0  # type: ignore[union-attr]


def test_unknown_dot_cards_and_control_are_kept() -> None:
    circuit = parse_netlist(
        "* t\nR1 a 0 1\n.tran 1n 1u\n.strange thing\n.control\nshell ls\n.endc\n"
    )
    assert [card.text for card in circuit.cards] == [".tran 1n 1u", ".strange thing"]
    assert circuit.control == ("shell ls",)


def test_initial_conditions_of_a_subcircuit_stay_in_it() -> None:
    circuit = parse_netlist("* t\n.subckt s a\nC1 a 0 1p\n.ic v(a)=1\n.ends\n.ic v(b)=2\nX1 b s\n")
    assert [card.text for card in circuit.cards] == [".ic v(b)=2"]
    assert [card.text for card in circuit.subcircuits["s"].cards] == [".ic v(a)=1"]


def test_option_scale_scales_lengths_once_and_areas_twice() -> None:
    circuit = parse_netlist("* t\n.option scale=1e-6\nM1 a b c d nch w=2 l=1 ad=3 m=2\n")
    assert circuit.devices[0].parameters == {"w": 2e-6, "l": 1e-6, "ad": 3e-12, "m": 2.0}


def test_models_of_other_languages_are_kept() -> None:
    circuit = parse_netlist(
        "* t\n.model line cpl\n+ R=1 0 2\n+ L=1u 0 2u length=3\n"
        ".model dev numd level=1\n+ x.mesh n=1 l=0\n+ region num=1\n"
        '.model src d_source(input_file="in.txt" table=[1 2 3])\n'
    )
    assert circuit.models["line"].parameters == {
        "r": (1.0, 0.0, 2.0),
        "l": (1e-6, 0.0, 2e-6),
        "length": (3.0,),
    }
    assert circuit.models["dev"].parameters == {"mesh": "level=1\nx.mesh n=1 l=0\nregion num=1"}
    assert circuit.models["src"].parameters == {"input_file": "in.txt", "table": "[1 2 3]"}


def test_dialect_of_a_file_is_told_by_its_suffix(tmp_path: Path) -> None:
    assert detect_dialect("R1 a b 1k\n", str(tmp_path / "x.CDL")).name == "cdl"
