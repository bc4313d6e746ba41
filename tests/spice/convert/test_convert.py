"""Conversions: golden texts, what is dropped, what is renamed, errors."""

from dataclasses import replace
from pathlib import Path

import pytest

import eda
from eda.circuit import Circuit, Device
from eda.errors import ConversionError, InputError
from eda.graph import compare
from eda.spice import parse_netlist, read_netlist
from eda.spice.convert import canonical, convert

GOLDEN = Path(__file__).parent / "golden"
NAMES = {
    "ngspice": "stage.ngspice.cir",
    "hspice": "stage.hspice.sp",
    "ltspice": "stage.ltspice.net",
    "pspice": "stage.pspice.cir",
    "cdl": "stage.cdl",
    "spectre": "stage.scs",
    "verilog": "stage.v",
}
DROPPED = {
    "ngspice": (),
    "ltspice": (),
    "hspice": ("26: S1: hspice has no switch", "8: model sw1: hspice has no models of type sw"),
    "pspice": ("31: .meas tran peak max v(out)",),
    "spectre": ("31: .meas tran peak max v(out)",),
}


@pytest.mark.parametrize("to", NAMES)
def test_golden(to: str) -> None:
    made = eda.convert(eda.read_netlist(GOLDEN / "stage.cir"), to=to)
    assert made.text == (GOLDEN / NAMES[to]).read_text()
    assert made.to == to


@pytest.mark.parametrize("to", DROPPED)
def test_golden_comes_back(to: str) -> None:
    before = read_netlist(GOLDEN / "stage.cir")
    made = convert(before, to=to)
    assert tuple(map(str, made.dropped)) == tuple(
        f"{GOLDEN / 'stage.cir'}:{item}" for item in DROPPED[to]
    )
    after = read_netlist(GOLDEN / NAMES[to])
    assert after.errors == ()
    devices = tuple(d for d in before.devices if to != "hspice" or d.name != "S1")
    assert compare(canonical(replace(before, devices=devices)), canonical(after), sizes=True).equal


def test_golden_spectre_reads_its_analyses() -> None:
    cards = [card.text for card in read_netlist(GOLDEN / "stage.scs").cards]
    assert cards == [
        ".option reltol=0.0001 temp=50",
        ".ic V(out)=0.9",
        ".tran 1e-10 2e-08",
        ".ac dec 10 1 1000000000.0",
    ]


def test_strict_is_an_error() -> None:
    circuit = parse_netlist("* t\nV1 a 0 1\nR1 a 0 1k\n")
    with pytest.raises(ConversionError) as caught:
        convert(circuit, to="cdl", strict=True)
    assert str(caught.value) == (
        "cdl cannot say all of it:\n  <text>:2: V1: cdl has no vsource\n"
        "convert without strict to leave it out"
    )
    assert caught.value.dropped == ("<text>:2: V1: cdl has no vsource",)
    assert convert(circuit, to="cdl").text == "* t\n* dialect: cdl\nR1 a 0 1000\n"


def test_unknown_dialect() -> None:
    with pytest.raises(InputError) as caught:
        convert(Circuit(), to="edif")
    assert str(caught.value) == (
        "edif is no dialect that is written; "
        "write one of ngspice, hspice, ltspice, pspice, cdl, spectre, verilog"
    )


def test_names_get_the_letters_spice_asks_for() -> None:
    text = (
        "simulator lang=spectre\nN0 (d g 0 0) nmos w=1u l=1u\nMN0 (d g 0 0) nmos w=1u l=1u\n"
        "I0 (d g) cell\nprobe (d 0) iprobe\nf1 (d 0) cccs probe=probe gain=2\n"
    )
    made = convert(parse_netlist(text), to="hspice")
    assert [str(item) for item in made.renamed] == [
        "the device N0 is called MN0_2",
        "the device I0 is called XI0",
        "the device probe is called Vprobe",
    ]
    assert made.text.splitlines()[2:] == [
        "MN0_2 d g 0 0 nmos w=1e-06 l=1e-06",
        "MN0 d g 0 0 nmos w=1e-06 l=1e-06",
        "XI0 d g cell",
        "Vprobe d 0 dc 0",
        "f1 d 0 Vprobe 2",
        ".end",
    ]


def test_a_net_called_gnd_is_no_ground_everywhere() -> None:
    circuit = parse_netlist("simulator lang=spectre\nR1 (a gnd) resistor r=1k\n")
    assert circuit.devices[0].nets == ("a", "gnd")
    for to, net in (("ngspice", "gnd_net"), ("ltspice", "gnd_net"), ("pspice", "gnd")):
        made = convert(circuit, to=to)
        assert f"R1 a {net} 1000" in made.text
        assert parse_netlist(made.text).devices[0].nets == ("a", net)


def test_pdk_transistors_are_instances_in_spice() -> None:
    text = "simulator lang=spectre\nM1 (d g 0 0) sky130_fd_pr__nfet_01v8 w=1 l=0.15\n"
    circuit = parse_netlist(text)
    assert circuit.devices[0].parameters["w"] == 1e-6
    assert "XM1 d g 0 0 sky130_fd_pr__nfet_01v8 w=1 l=0.15" in convert(circuit, to="ngspice").text
    assert "M1 (d g 0 0) sky130_fd_pr__nfet_01v8 w=1 l=0.15" in convert(circuit, to="spectre").text


def test_bang_nets_are_said_to_be_global() -> None:
    text = ".SUBCKT inv a y\nMM1 y a vss! vss! nch W=1u L=1u\n.ENDS\nXX1 a y / inv\n"
    made = convert(parse_netlist(text, dialect="cdl"), to="ngspice")
    assert ".global vss!" in made.text


def test_flat_names_are_written_and_read_back() -> None:
    deck = "* t\n.subckt s a\nR1 a x<1> 1k\nR2 x<1> 0 1k\n.ends\nX1 in s\nV1 in 0 1\n"
    flat = parse_netlist(deck).flatten()
    for to in ("ngspice", "hspice", "ltspice", "pspice", "spectre"):
        again = parse_netlist(convert(flat, to=to).text)
        assert [d.name for d in again.devices] == ["X1.R1", "X1.R2", "V1"]
        assert again.devices[0].nets == ("in", "X1.x<1>")


def test_functions_a_dialect_lacks_are_said_in_others() -> None:
    circuit = parse_netlist("* t\nB1 a 0 v={limit(v(b),0,1) + u(v(b)) + ln(2)}\nR1 b 0 1\n")
    made = convert(circuit, to="pspice")
    assert "VALUE={limit(V(b),0,1)+(if((V(b))>0,1,0))+log(2)}" in made.text
    assert made.dropped == ()
    made = convert(parse_netlist("* t\nB1 a 0 v={ddt(v(b))}\nR1 b 0 1\n"), to="spectre")
    assert [str(item) for item in made.dropped] == [
        "the function ddt() is not known to spectre; it is written as it stands"
    ]


def test_control_blocks_and_foreign_cards_are_reported() -> None:
    circuit = parse_netlist("* t\nR1 a 0 1k\n.control\nrun\n.endc\n.save v(a)\n")
    made = convert(circuit, to="hspice")
    assert [str(item) for item in made.dropped] == ["<text>:6: .save v(a)", ".control (1 lines)"]
    text = "simulator lang=spectre\nR1 (a 0) resistor r=1\nmc1 montecarlo numruns=5\n"
    assert [str(item) for item in convert(parse_netlist(text), to="ngspice").dropped] == [
        "<text>:3: mc1 montecarlo numruns=5"
    ]
    assert "mc1 montecarlo numruns=5" in convert(parse_netlist(text), to="spectre").text


def test_the_levels_of_bsim_are_those_of_the_dialect() -> None:
    circuit = parse_netlist("* t\nM1 d g 0 0 n w=1u l=1u\n.model n nmos level=14 vth0=0.4\n")
    for to, level in (("hspice", "level=54"), ("pspice", "level=8"), ("spectre", "bsim4")):
        made = convert(circuit, to=to)
        assert level in made.text
        kind = parse_netlist(made.text).models["n"].parameters["level"]
        assert kind == (54.0 if to == "hspice" else 14.0)


def test_made_circuits_are_written() -> None:
    parts = (
        Device("r 1", "resistor", ("p", "n"), ("a b", "0"), "", {"value": 1.0}),
        Device("R2", "resistor", ("p", "n"), ("A B", "\u00b5"), "", {"value": 2.0}),
    )
    made = convert(Circuit(devices=parts), to="spectre")
    assert "r_1 (a_b 0) resistor r=1\nR2 (a_b _) resistor r=2" in made.text


KIT = """* a transistor of a kit, which is a subcircuit, and one called like a subcircuit
.subckt sky130_fd_pr__nfet_01v8 d g s b w=1 l=1
M1 d g s b sky130_fd_pr__nfet_01v8__model l={l} w={w}
.model sky130_fd_pr__nfet_01v8__model.0 nmos lmin=1e-7 lmax=1e-6 wmin=1e-6 wmax=1e-5
.ends
.subckt rfnch a b
MN1 a b 0 0 rfnch w=1u l=1u
.ends
.option scale=1.0u
XM1 d g 0 0 sky130_fd_pr__nfet_01v8 w=5 l=0.5
X2 d g rfnch
"""


def test_models_and_subcircuits_of_one_name() -> None:
    made = convert(parse_netlist(KIT, strict=False), to="spectre")
    # Spectre has one name for both; a kit's transistor is an instance of its subcircuit.
    assert [str(item) for item in made.renamed] == ["the subcircuit rfnch is called rfnch_2"]
    assert "X2 (d g) rfnch_2\n" in made.text
    again = parse_netlist(made.text).flatten()
    assert [device.model for device in again.devices] == ["sky130_fd_pr__nfet_01v8", "rfnch"]


def test_words_that_mean_something_in_spectre_are_no_names() -> None:
    deck = "* t\nic 0 c dc 1m\nR2 a b resistor l=1u w=2u\n.model resistor r\n"
    made = convert(parse_netlist(deck), to="spectre")
    assert [str(item) for item in made.renamed] == [
        "the model resistor is called resistor_model",
        "the device ic is called ic_",
    ]
    again = parse_netlist(made.text)
    assert [device.kind for device in again.devices] == ["isource", "resistor"]


def test_pins_that_only_ngspice_has_are_told() -> None:
    deck = "* t\nM1 d g s vd\nD1 a k tj dm thermal\n.model vd vdmos\n.model dm d\n"
    circuit = parse_netlist(deck)
    said = {
        to: [item.message for item in convert(circuit, to=to).dropped if "pins" in item.message]
        for to in ("ngspice", "ltspice", "hspice", "spectre")
    }
    assert said["ngspice"] == []
    assert said["ltspice"] == ["D1: ltspice has no diode of 3 pins"]
    assert said["hspice"] == [
        "M1: hspice has no mosfet of 3 pins",
        "D1: hspice has no diode of 3 pins",
    ]
    assert said["spectre"] == [item.replace("hspice", "spectre") for item in said["hspice"]]


def test_what_has_no_kind_of_its_own_in_spectre_is_told() -> None:
    made = convert(parse_netlist("* t\nQ1 c b e strange\nQ2 c b e strange\n"), to="spectre")
    assert [item.message for item in made.dropped] == [
        "that Q1 is a bipolar: its model strange is not defined"
    ]


def test_a_multiplier_of_its_own_is_no_parameter() -> None:
    deck = "* t\n.subckt s a\n.param m=1\nR1 a 0 1k m=2\n.ends\nX1 n s m=4\n"
    circuit = parse_netlist(deck)
    for to in ("spectre", "hspice"):
        again = parse_netlist(convert(circuit, to=to, strict=True).text).flatten()
        assert again.devices[0].parameters["m"] == 8.0


def test_expressions_in_cards_have_the_quotes_of_the_dialect() -> None:
    circuit = parse_netlist("* t\n.param v0=1\nC1 a 0 1u\n.ic v(a)='v0/2' v(b)={v0}\n")
    assert ".ic v(a)={v0/2} v(b)={v0}" in convert(circuit, to="pspice").text
    assert ".ic v(a)='v0/2' v(b)='v0'" in convert(circuit, to="hspice").text
    assert "ic a=(v0/2) b=v0" in convert(circuit, to="spectre").text


def test_lists_and_names_without_a_value_are_told() -> None:
    deck = "simulator lang=spectre\nparameters c=[0 1 2] q=nil\nR1 (a 0) resistor r=1k\n"
    made = convert(parse_netlist(deck, strict=False), to="hspice")
    assert [item.message for item in made.dropped if "the parameter" in item.message] == [
        "the parameter c=(0 1 2), which is a list",
        "the parameter q=nil, which has no value",
    ]
    assert ".param" not in made.text
