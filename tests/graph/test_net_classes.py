"""What each net is for."""

import pytest

from eda.circuit import Circuit, Device
from eda.graph import NET_CLASSES, circuit_graph
from eda.graph.net_classes import name_class


def classes(circuit: Circuit) -> dict[str, str]:
    graph = circuit_graph(circuit)
    return {
        name: NET_CLASSES[at] for name, at in zip(graph.net_names, graph.net_class, strict=True)
    }


def source(name: str, plus: str, minus: str, **parameters: float) -> Device:
    return Device(name, "vsource", ("p", "n"), (plus, minus), "", parameters)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("0 gnd GND! agnd dgnd", "ground"),
        ("vdd VDD! vcc avdd dvdd vpwr vddd vdda_1v8 +5V 3v3 /VCC vpb", "supply"),
        ("vss vee avss vssa VGND vnb -12v", "negative_supply"),
        ("vb vb1 vbias vbn ibias ib nbias pbias iref vref vcm nb2", "bias"),
        ("vin vinp vin- in inp inn in_p in1 vip clk", "input"),
        ("out vout voutp outn out_m vo out2", "output"),
        ("n1 tail net5 inv_out ground_sense vx a y x1.vdd", "internal"),
    ],
)
def test_names(names: str, expected: str) -> None:
    assert {name: name_class(name) for name in names.split()} == dict.fromkeys(
        names.split(), expected
    )


def test_short_names_only_count_on_ports() -> None:
    assert [name_class(name, port=True) for name in ("a", "d0", "y", "q", "zz")] == [
        *("input", "input", "output", "output", "port")
    ]


def test_an_opamp(opamp: Circuit) -> None:
    assert classes(opamp) == {
        **{"inp": "input", "inn": "input", "out": "output"},
        **{"vdd": "supply", "vss": "negative_supply", "nbias": "bias"},
        **dict.fromkeys(("n1", "n2", "tail", "nz"), "internal"),
    }


def test_rails_inside_an_instance_are_internal() -> None:
    resistor = Device("x1.R1", "resistor", ("p", "n"), ("x1.vdd", "x1.in"))
    assert classes(Circuit(devices=(resistor,))) == {"x1.vdd": "internal", "x1.in": "internal"}


def test_directions_class_ports_without_telling_names() -> None:
    circuit = Circuit(
        ports=("foo", "bar", "vdd", "baz"),
        directions={"foo": "input", "BAR": "output", "vdd": "input", "baz": "inout"},
    )
    assert classes(circuit) == {**{"foo": "input", "bar": "output", "vdd": "supply", "baz": "port"}}


def test_globals_are_supplies_unless_their_name_says_otherwise() -> None:
    resistor = Device("R1", "resistor", ("p", "n"), ("core", "vss"))
    circuit = Circuit(devices=(resistor,), globals=("CORE", "vss", "unused"))
    assert classes(circuit) == {"core": "supply", "vss": "negative_supply"}


def test_sources_tell_rails_biases_and_inputs() -> None:
    circuit = Circuit(
        devices=(
            source("V1", "top", "0", dc=1.8),
            source("V2", "half", "0", dc=0.9),
            source("V3", "0", "bottom", dc=1.8),
            source("V4", "drive", "0", dc=0.9, ac=1.0),
            source("V5", "probe", "0", dc=0.0),
            source("V6", "floating", "half", dc=5.0),
        )
    )
    assert classes(circuit) == {
        **{"top": "supply", "0": "ground", "half": "bias", "bottom": "negative_supply"},
        **{"drive": "input", "probe": "internal", "floating": "internal"},
    }


def test_names_win_over_sources() -> None:
    assert classes(Circuit(devices=(source("V1", "in", "0", dc=5.0),)))["in"] == "input"


def test_bulks_tell_rails_that_have_other_names() -> None:
    def mos(name: str, polarity: str, *nets: str) -> Device:
        return Device(name, "mosfet", ("d", "g", "s", "b"), nets, polarity=polarity)

    circuit = Circuit(
        devices=(
            mos("M1", "p", "n1", "g1", "tail", "tail"),
            mos("M2", "p", "n2", "g2", "tail", "tail"),
            mos("M3", "p", "tail", "g3", "power", "power"),
            mos("M4", "p", "n3", "g3", "n4", "power"),
            mos("M5", "n", "n1", "n1", "n5", "sub"),
        )
    )
    found = classes(circuit)
    assert (found["power"], found["tail"], found["sub"]) == (
        *("supply", "internal", "negative_supply"),
    )
