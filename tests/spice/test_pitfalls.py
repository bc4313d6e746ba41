"""Every known trap of netlists in one place: what a card means in one dialect and in another.

A table row is a card in a dialect and the number it stands for; each is also written in every
other dialect and read again, and must stand for the same number there.
"""

import math
from pathlib import Path

import pytest

from eda.circuit import Circuit, number
from eda.spice import parse_netlist, read_netlist
from eda.spice.convert import WRITTEN, convert

ANALOG = [name for name in WRITTEN if name not in ("verilog", "cdl")]

SUFFIXES = [
    # Milli and mega, a million by x, atto by a, femto by f, thousandths of an inch by mil.
    *(("ngspice", "1M", 1e-3), ("ngspice", "1meg", 1e6), ("ngspice", "1MEGohm", 1e6)),
    *(("ngspice", "1x", 1.0), ("hspice", "1x", 1e6), ("pspice", "1x", 1e6)),
    *(("hspice", "1M", 1e-3), ("ltspice", "1M", 1e-3), ("spectre", "1M", 1e6)),
    *(("spectre", "1m", 1e-3), ("spectre", "1K", 1e3), ("spectre", "1k", 1e3)),
    *(("ngspice", "1F", 1e-15), ("spectre", "1f", 1e-15), ("ngspice", "1mil", 25.4e-6)),
    *(("ngspice", "10kOhm", 1e4), ("ngspice", "2.2u", 2.2e-6), ("ngspice", "3T", 3e12)),
    *(("ltspice", "4K7", 4700.0), ("kicad", "4k7", 4700.0), ("ngspice", "4K7", 4e3)),
    *(("ngspice", "4.7\u00b5", 4.7e-6), ("ltspice", "4.7\u03bc", 4.7e-6), ("ngspice", "1e3k", 1e6)),
    *(("ngspice", "1.5E-3", 1.5e-3), ("ngspice", "1d3", 1e3), ("spectre", "1G", 1e9)),
]


def resistor(dialect: str, value: str) -> Circuit:
    if dialect == "spectre":
        return parse_netlist(f"simulator lang=spectre\nR1 (a 0) resistor r={value}\n")
    return parse_netlist(f"* t\nR1 a 0 {value}\n", dialect=dialect)


def value_of(circuit: Circuit, name: str = "r1", key: str = "value") -> float:
    found = number(circuit.flatten().device(name).parameters[key])
    assert found is not None
    return found


@pytest.mark.parametrize(("dialect", "written", "meant"), SUFFIXES)
def test_suffixes(dialect: str, written: str, meant: float) -> None:
    circuit = resistor(dialect, written)
    assert math.isclose(value_of(circuit), meant, rel_tol=1e-12)
    for to in WRITTEN[:-1]:
        again = parse_netlist(convert(circuit, to=to).text)
        assert again.dialect == to
        assert math.isclose(value_of(again), meant, rel_tol=1e-12), to


def test_a_number_that_ngspice_cuts_off_is_told() -> None:
    circuit = parse_netlist("* t\nR1 a 0 4K7\nR2 a 0 4u7\n.model 4u7 r\n")
    assert [str(item.message) for item in circuit.diagnostics] == [
        "4K7 is 4K here: what stands behind the suffix is not read"
    ]
    assert circuit.diagnostics[0].fix == (
        "write 4.7K, or name the dialect: ltspice and kicad know it"
    )
    assert circuit.device("R2").model == "4u7"


@pytest.mark.parametrize(
    ("dialect", "card"),
    [
        *(("hspice", "R1 a 0 1k $ a comment"), ("hspice", "R1 a 0 1k $more")),
        *(("ngspice", "R1 a 0 1k ; a comment"), ("ngspice", "R1 a 0 1k // a comment")),
        *(("ngspice", "R1 a 0\n* between\n\n+ 1k"), ("hspice", "R1 a 0 \\\n1k")),
        *(("pspice", "R1 a 0 1k TC=0,0"), ("cdl", "RR1 a 0 1k $X=1 $Y=2")),
    ],
)
def test_comments_and_continuation(dialect: str, card: str) -> None:
    circuit = parse_netlist(f"* t\n{card}\n", dialect=dialect)
    assert [dict(device.parameters) for device in circuit.devices] == [{"value": 1e3}]


def test_ground_by_its_many_names() -> None:
    nets = {
        dialect: parse_netlist("* t\nR1 gnd GND 1\nR2 gnd! 0 1\n", dialect=dialect)
        for dialect in ("ngspice", "hspice", "pspice", "cdl")
    }
    found = {key: [net for d in circuit.devices for net in d.nets] for key, circuit in nets.items()}
    assert found["ngspice"] == ["0", "0", "gnd!", "0"]
    assert found["hspice"] == ["0", "0", "0", "0"]
    assert found["pspice"] == ["gnd", "gnd", "gnd!", "0"]
    assert found["cdl"] == ["gnd", "gnd", "gnd!", "0"]
    # A net that is called gnd and is no ground gets another name where that would make it one.
    made = convert(nets["pspice"], to="ngspice")
    assert [str(item) for item in made.renamed] == ["the net gnd is called gnd_net"]
    assert parse_netlist(made.text).devices[0].nets == ("gnd_net", "gnd_net")


@pytest.mark.parametrize("net", ["a<3>", "a[3]", "a_3", "vdd!", "a-b", "3", "a.b"])
@pytest.mark.parametrize("to", ANALOG)
def test_names_of_buses_and_globals(net: str, to: str) -> None:
    circuit = parse_netlist(f"* t\nR1 {net} 0 1k\n")
    made = convert(circuit, to=to)
    assert made.renamed == ()
    assert parse_netlist(made.text).devices[0].nets == (net, "0")


def test_case_folds_in_spice_and_tells_apart_in_spectre() -> None:
    spice = parse_netlist("* t\nR1 A 0 1\nR2 a 0 1\n")
    assert spice.devices[0].nets[0].lower() == spice.devices[1].nets[0].lower() == "a"
    spectre = parse_netlist(
        "simulator lang=spectre\nparameters w=1 W=2\nm1 (A 0) resistor r=w\nM1 (a 0) resistor r=W\n"
    )
    assert [value_of(spectre, name) for name in ("m1", "M1_2")] == [1.0, 2.0]
    again = parse_netlist(convert(spectre, to="ngspice").text)
    assert len({net.lower() for device in again.devices for net in device.nets}) == 3
    assert sorted(number(device.parameters["value"]) or 0 for device in again.devices) == [1, 2]


EXPRESSIONS = [
    *(("'2*k'", 6.0), ("{2*k}", 6.0), ("{k**2}", 9.0), ("{k^2}", 9.0), ("{k>2?1:0}", 1.0)),
    *(("{log(exp(k))}", 3.0), ("{ln(exp(k))}", 3.0), ("{log10(1000)}", 3.0)),
    *(("{int(3.7)}", 3.0), ("{nint(3.7)}", 4.0), ("{max(k,1meg)}", 1e6), ("{pwr(-2,2)}", -4.0)),
    *(("{limit(9,0,k)}", 3.0), ("{sgn(-k)}", -1.0), ("{abs(-k)}", 3.0)),
]


@pytest.mark.parametrize(("written", "meant"), EXPRESSIONS)
@pytest.mark.parametrize("to", ANALOG)
def test_expressions(written: str, meant: float, to: str) -> None:
    circuit = parse_netlist(f"* t\n.param k=3\nR1 a 0 {written}\n")
    assert value_of(circuit) == meant
    assert math.isclose(value_of(parse_netlist(convert(circuit, to=to).text)), meant, rel_tol=1e-12)


def test_no_expression_is_ever_executed() -> None:
    for text in ("__import__('os').system('false')", "().__class__", "open(1)"):
        circuit = parse_netlist(f"* t\nR1 a 0 {{{text}}}\n", strict=False)
        assert circuit.errors != () or number(circuit.devices[0].parameters.get("value")) is None


def test_parameters_shadow_from_the_inside() -> None:
    deck = """* t
.param w=1
.subckt s a params: w=2
.param own=3
R1 a 0 {w}
R2 a 0 {own}
.ends
X1 n s
X2 n s w=5
"""
    for circuit in (parse_netlist(deck), parse_netlist(deck.replace("params: ", ""))):
        found = {d.name: number(d.parameters["value"]) for d in circuit.flatten().devices}
        assert found == {"X1.R1": 2.0, "X1.R2": 3.0, "X2.R1": 5.0, "X2.R2": 3.0}
        for to in ANALOG:
            again = parse_netlist(convert(circuit, to=to).text).flatten()
            assert sorted(number(d.parameters["value"]) or 0 for d in again.devices) == [2, 3, 3, 5]


def test_option_scale_is_for_geometry_alone() -> None:
    deck = """* t
.option scale=1u
M1 d g s b nch w=2 l=1 ad=3 m=4
X1 d g s b nch w=2 l=1 ad=3 m=4
R1 a b 2k
C1 a b 3p
.model nch nmos
"""
    circuit = parse_netlist(deck)
    sizes = {"w": 2e-6, "l": 1e-6, "ad": 3e-12, "m": 4.0}
    assert dict(circuit.device("M1").parameters) == sizes
    # An instance of a transistor that only its name tells is scaled as well.
    assert dict(circuit.device("X1").parameters) == sizes
    assert (value_of(circuit), value_of(circuit, "c1")) == (2e3, 3e-12)
    for to in ANALOG:
        text = convert(circuit, to=to).text
        assert "scale" not in text
        assert dict(parse_netlist(text).device("M1").parameters) == sizes


def test_positional_sizes_are_length_and_width() -> None:
    for dialect in ("hspice", "ngspice"):
        circuit = parse_netlist("* t\nM1 d g s b nch 1u 2u\n.model nch nmos\n", dialect=dialect)
        assert dict(circuit.devices[0].parameters) == {"l": 1e-6, "w": 2e-6}


def test_languages_take_turns_in_one_file() -> None:
    circuit = parse_netlist(
        "simulator lang=spectre\nR1 (a 0) resistor r=1M\nsimulator lang=spice\nR2 a 0 1M\n"
        "simulator lang=spectre\nR3 (a 0) resistor r=1M\n"
    )
    assert [value_of(circuit, name) for name in ("r1", "r2", "r3")] == [1e6, 1e-3, 1e6]
    # What stands before a switch to Spectre is SPICE.
    mixed = parse_netlist("r0 1 0 1k\nsimulator lang=spectre\nr2 (1 0) resistor r=1k\n")
    assert [value_of(mixed, name) for name in ("r0", "r2")] == [1e3, 1e3]


def test_cdl_hides_models_and_sizes() -> None:
    circuit = parse_netlist(
        "*.SCALE MICRON\n.SUBCKT s a b\nMM1 a b b b nch W=1 L=0.5\nRR1 a b 1k $[rp] $W=2\n"
        "XX1 a b / inv\n.ENDS\n",
        dialect="cdl",
    )
    scope = circuit.subcircuits["s"]
    assert scope.device("MM1").parameters["w"] == 1e-6
    assert (scope.device("RR1").model, scope.device("XX1").model) == ("rp", "inv")


def test_parasitics_that_ngspice_refuses_are_told() -> None:
    circuit = parse_netlist("* t\nC1 a 0 1u Rser=0.1\nL1 a 0 1m Rser=0\n", dialect="ltspice")
    made = convert(circuit, to="ngspice")
    assert [item.message for item in made.dropped] == ["C1: rser=0.1"]
    assert "rser" not in made.text


@pytest.mark.parametrize(
    "source",
    ["E1 o 0 VALUE={2*V(a)}", "E1 o 0 POLY(1) a 0 0 2", "B1 o 0 V=2*V(a)", "G1 o 0 a 0 2"],
)
@pytest.mark.parametrize("to", ANALOG)
def test_controlled_sources(source: str, to: str) -> None:
    circuit = parse_netlist(f"* t\nR1 a 0 1k\n{source}\n")
    again = parse_netlist(convert(circuit, to=to, strict=True).text)
    assert [device.nets[:2] for device in again.devices][1] == ("o", "0")


def test_paths_and_title_of_included_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "top.sp").write_text("R9 is the title 0\n.include sub/a.inc\n.end\n")
    # No title in an included file, its .end ends it alone, and names are beside itself.
    (tmp_path / "sub/a.inc").write_text("R1 a 0 1\n.include b.inc\n.end\n")
    (tmp_path / "sub/b.inc").write_text("R2 a 0 2\n.end\n")
    circuit = read_netlist(tmp_path / "top.sp")
    assert [device.name for device in circuit.devices] == ["R1", "R2"]


def test_ltspice_names_of_instances() -> None:
    circuit = parse_netlist("* t\nX\u00a7U1 a b amp\n.subckt amp a b\nR1 a b 1\n.ends\n.backanno\n")
    assert [device.name for device in circuit.flatten().devices] == ["X\u00a7U1.R1"]
