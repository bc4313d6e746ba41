"""A bias for circuits that bring none: what is filled in, what is kept, what is left out."""

from __future__ import annotations

import pytest

from eda.circuit import Circuit, Device
from eda.errors import SimulatorNotFoundError
from eda.spice import Op, parse_netlist, simulate
from eda.spice.default_bias import MODELS, needs_bias, with_default_bias
from eda.spice.ngspice_shared import library_path


def mosfet(name: str, polarity: str, *nets: str) -> Device:
    roles = ("d", "g", "s", "b")[: len(nets)]
    return Device(name, "mosfet", roles, nets, polarity=polarity)


def two(name: str, kind: str, p: str, n: str) -> Device:
    return Device(name, kind, ("p", "n"), (p, n))


CLASSES = {
    **{"vdd": "supply", "vss": "ground", "vee": "negative_supply", "in": "input"},
    **{"out": "output", "vb": "bias", "ib": "bias", "a": "port"},
}


def said(*devices: Device, ports: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What is put on the nets of a circuit of these devices."""
    return with_default_bias(Circuit(devices=devices, ports=ports), CLASSES).sources


@pytest.mark.parametrize(
    ("deck", "expected"),
    [
        ("V1 a 0 1\nR1 a 0 1k\n", False),
        ("R1 a 0 1k\n", True),
        ("V1 a b 1\nR1 a b 1k\n", True),
        ("V1 a 0 1\nR1 a 0\n", True),
        ("V1 a 0\nR1 a 0 1k\n", True),
        ("V1 a 0 1\nM1 a a 0 0 nch\n", True),
        ("V1 a 0 1\nM1 a a 0 0 nch\n.model nch nmos level=1\n", False),
        ("V1 a 0 1\nX1 a 0 box\n", True),
        (".subckt x a\nV1 a 0 1\n.ends\n", True),
    ],
)
def test_who_needs_a_bias(deck: str, expected: bool) -> None:
    assert needs_bias(parse_netlist(f"* t\n{deck}", strict=False).flatten()) is expected


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        # A rail, an input, and a drain that needs something to work into.
        (
            (mosfet("M1", "n", "out", "in", "vss", "vss"), two("R", "resistor", "vdd", "x")),
            ("in 0.9 V", "vss 0 V", "vdd 1.8 V"),
        ),
        # Voltages for gate lines: on the rail, stacked, p.
        ((mosfet("M1", "n", "x", "vb", "vss", "vss"),), ("vb 0.75 V", "vss 0 V")),
        ((mosfet("M1", "n", "x", "vb", "y", "vss"),), ("vb 1 V", "vss 0 V")),
        ((mosfet("M1", "p", "x", "vb", "vdd", "vdd"),), ("vb 1.05 V", "vdd 1.8 V")),
        # Currents: into an n diode, out of a p diode, out of the tail of an n pair.
        ((mosfet("M1", "n", "ib", "ib", "vss", "vss"),), ("ib 20 uA", "vss 0 V")),
        ((mosfet("M1", "p", "ib", "ib", "vdd", "vdd"),), ("ib -20 uA", "vdd 1.8 V")),
        ((mosfet("M1", "n", "x", "in", "ib", "vss"),), ("in 0.9 V", "ib -20 uA", "vss 0 V")),
        # Ground and a negative supply: the middle is ground.
        (
            (two("R1", "resistor", "vee", "0"), mosfet("M1", "n", "vdd", "in", "0", "vee")),
            ("vee -1.8 V", "vdd 1.8 V", "in 0 V"),
        ),
        # What has a source of its own is left alone.
        ((two("V1", "vsource", "vdd", "0"), two("R1", "resistor", "vdd", "0")), ()),
    ],
)
def test_sources(devices: tuple[Device, ...], expected: tuple[str, ...]) -> None:
    found = said(*devices)
    assert tuple(item for item in found if "kOhm" not in item) == expected


def test_an_output_that_only_drains_are_on_gets_a_load() -> None:
    devices = (
        mosfet("M1", "n", "out", "in", "vss", "vss"),
        two("R", "resistor", "vdd", "vss"),
    )
    assert "out 20 kOhm to vdd" in said(*devices)


def test_sizes_and_models_of_the_circuit_are_kept() -> None:
    deck = (
        "* t\nM1 d g 0 0 nch w=3u l=0.5u\nM2 d g 0 0 other w=7u l=2u nf=4\n"
        "M3 d g 0\nR1 d 0\nR2 d 0 5k\nV1 d 0 1\n.model nch nmos level=1 vto=0.3\n"
    )
    circuit = parse_netlist(deck, strict=False).flatten()
    devices = {d.name: d for d in with_default_bias(circuit, {}).circuit.devices}
    assert devices["M1"].model == "nch"
    assert devices["M2"].model == "generic_nmos"
    assert devices["M2"].parameters == {"w": pytest.approx(7e-6), "l": pytest.approx(2e-6)}
    assert devices["R1"].parameters == {"value": 20e3}
    assert devices["R2"].parameters == {"value": 5000.0}


def test_a_drawn_transistor_gets_bulk_size_and_model() -> None:
    biased = with_default_bias(Circuit(devices=(mosfet("M1", "p", "out", "in", "vdd"),)), CLASSES)
    (made, *_) = biased.circuit.devices
    assert made.roles == ("d", "g", "s", "b")
    assert made.nets == ("out", "in", "vdd", "vdd")
    assert made.parameters == {"w": 30e-6, "l": 1e-6}
    assert biased.models == ("generic_pmos",)


def test_polarity_is_guessed_from_where_a_transistor_stands() -> None:
    devices = (mosfet("M1", "", "out", "in", "vdd", "vdd"), mosfet("M2", "", "out", "in", "vss"))
    made = with_default_bias(Circuit(devices=devices), CLASSES).circuit.devices
    assert [item.model for item in made[:2]] == ["generic_pmos", "generic_nmos"]


def test_names_of_sources_do_not_clash() -> None:
    devices = (two("Vbias1", "vsource", "x", "0"), two("R1", "resistor", "vdd", "in"))
    names = [d.name for d in with_default_bias(Circuit(devices=devices), CLASSES).circuit.devices]
    assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize(("kind", "polarity"), MODELS)
def test_ngspice_takes_every_generic_model(kind: str, polarity: str) -> None:
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))
    roles = {"bipolar": ("c", "b", "e"), "diode": ("a", "k")}.get(kind, ("d", "g", "s"))
    nets = ("out", "in", "vss")[: len(roles)] if polarity != "p" else ("out", "in", "vdd")
    device = Device("T1", kind, roles, nets, polarity=polarity)
    load = two("R1", "resistor", "vss" if polarity == "p" else "vdd", "out")
    biased = with_default_bias(Circuit(devices=(device, load)), CLASSES)
    result = simulate(biased.circuit, Op(), cache=False)
    assert (result.status.value, result.log) == ("ok", result.log)
    assert "unrecognized" not in result.log.lower()
