"""Flattening: paths, ports, globals, parameters, multipliers; and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.circuit import Circuit, Device, number
from eda.circuit.flatten import top_subcircuit
from eda.errors import NetlistError
from eda.spice import parse_netlist


def flat(text: str) -> Circuit:
    return parse_netlist(f"* t\n{text}", strict=False).flatten()


def values(circuit: Circuit) -> dict[str, float | None]:
    return {d.name.lower(): number(d.parameters.get("value")) for d in circuit.devices}


def chain(levels: int, copies: int) -> str:
    """Return subcircuits that each instantiate the next several times."""
    lines = []
    for level in range(levels):
        lines.append(f".subckt s{level} a")
        lines += [f"X{i} a s{level + 1}" for i in range(copies)]
        lines.append(".ends")
    return "\n".join([*lines, f".subckt s{levels} a", "R1 a 0 1k", ".ends", "X0 n s0", ""])


def test_names_are_paths_and_ports_take_the_net_outside() -> None:
    circuit = flat(
        ".global vdd\n.subckt s a\nR1 a vdd 1\nR2 a m 1\nX1 m t\n.ends\n"
        ".subckt t p\nR1 p q 1\nV1 q 0 1\n.ends\nX1 n s\n"
    )
    assert [(device.name, device.nets) for device in circuit.devices] == [
        ("X1.R1", ("n", "vdd")),
        ("X1.R2", ("n", "X1.m")),
        ("X1.X1.R1", ("X1.m", "X1.X1.q")),
        ("X1.X1.V1", ("X1.X1.q", "0")),
    ]


def test_an_instance_beats_local_beats_outside() -> None:
    circuit = flat(
        ".param r=1k q=50\n"
        ".subckt s a r=2k\nR1 a 0 {r}\nR2 a 0 {q}\n.param q={r*2}\n.ends\n"
        ".subckt u a\nR1 a 0 {r}\nR2 a 0 {q}\n.ends\n"
        "X1 n s\nX2 n s r=5k\nX3 n u\n"
    )
    assert values(circuit) == {
        **{"x1.r1": 2e3, "x1.r2": 4e3, "x2.r1": 5e3, "x2.r2": 10e3},
        **{"x3.r1": 1e3, "x3.r2": 50.0},
    }


def test_names_are_looked_up_along_the_calls() -> None:
    circuit = flat(
        ".subckt w a\nR1 a 0 {q}\n.ends\n.subckt v a q=7\nX1 a w\n.ends\nX1 n v\nX2 n v q=9\n"
    )
    assert values(circuit) == {"x1.x1.r1": 7.0, "x2.x1.r1": 9.0}


def test_a_parameter_may_be_given_its_own_name() -> None:
    circuit = flat(
        ".param w=3\n.subckt s a w=1\nX1 a t w={w}\n.ends\n"
        ".subckt t a w=2\nR1 a 0 {w}\n.ends\nX1 n s w={w*2}\n"
    )
    assert values(circuit) == {"x1.x1.r1": 6.0}


def test_an_undefined_parameter_is_a_warning_with_the_device() -> None:
    circuit = flat(".subckt s a\nR1 a 0 {nowhere}\n.ends\nX1 n s\nX2 n s\n")
    assert [str(item) for item in circuit.diagnostics] == [
        "<text>:3:1: warning: undefined parameter nowhere\n    R1\n"
        "    define it with .param, or give it at the instance"
    ]


def test_multipliers_are_taken_in() -> None:
    circuit = flat(
        ".subckt s a\nM1 a b c 0 nch w=1u m=2\nR1 a 0 1k\nV1 a c 1\nX1 a t m=5\n.ends\n"
        ".subckt t a\nC1 a 0 1p\n.ends\nX1 n s m=3\n"
    )
    assert {d.name: number(d.parameters.get("m")) for d in circuit.devices} == {
        "X1.M1": 6.0,
        "X1.R1": 3.0,
        "X1.V1": None,
        "X1.X1.C1": 15.0,
    }


def test_references_and_probes_are_renamed() -> None:
    circuit = flat(
        ".global g\n.subckt s p\nV1 q 0 1\nF1 p 0 V1 2\nL1 p q 1u\nL2 q 0 1u\nK1 L1 L2 0.9\n"
        "B1 p 0 V={k*V(p,q)+I(V1)+V(g)}\n.param k=3\n.ends\nX1 n s\n"
    )
    devices = circuit.device_by_name
    assert devices["x1.f1"].references == ("X1.V1",)
    assert devices["x1.k1"].references == ("X1.L1", "X1.L2")
    assert str(devices["x1.b1"].parameters["v"]) == (
        "Expression(text='(3.0)*V(n,X1.q)+I(X1.V1)+V(g)', value=None)"
    )


def test_local_models_keep_apart() -> None:
    circuit = flat(
        ".model d1 d is=1\n.subckt s a k=1\n.model d1 d is={k}\nD1 a 0 d1\n.ends\n"
        "X1 n s\nX2 n s k=2\nX3 n s\nD1 n 0 d1\n"
    )
    assert [device.model for device in circuit.devices] == ["s:d1", "s:d1:2", "s:d1", "d1"]
    saturation = {name: card.parameters["is"] for name, card in circuit.models.items()}
    assert saturation == {"d1": 1.0, "s:d1": 1.0, "s:d1:2": 2.0}


def test_black_boxes_stay_or_raise() -> None:
    circuit = parse_netlist("* t\nX1 a b nothing w=1\n")
    assert [device.kind for device in circuit.flatten().devices] == ["subcircuit"]
    with pytest.raises(NetlistError) as caught:
        circuit.flatten(strict=True)
    assert str(caught.value) == "<text>:2:1: undefined subcircuit nothing"


def test_a_file_of_subcircuits_is_about_the_one_nobody_uses() -> None:
    circuit = parse_netlist("* t\n.subckt a p\nX1 p b\n.ends\n.subckt b p\nR1 p 0 1\n.ends\n")
    chosen = top_subcircuit(circuit)
    assert chosen is not None
    assert chosen.name == "a"
    assert circuit.flatten().ports == ("p",)
    assert [device.name for device in circuit.flatten(subcircuit="B").devices] == ["R1"]


def test_an_unknown_subcircuit_is_named() -> None:
    circuit = parse_netlist("* t\n.subckt amp a\nR1 a 0 1\n.ends\n")
    with pytest.raises(NetlistError) as caught:
        circuit.flatten(subcircuit="apm")
    assert str(caught.value) == "no subcircuit 'apm'; there is amp"


def test_a_circle_is_refused() -> None:
    circuit = parse_netlist("* t\n.subckt s a\nX1 a s\n.ends\nX0 n s\n", strict=False)
    with pytest.raises(NetlistError) as caught:
        circuit.flatten()
    assert str(caught.value) == (
        "<text>:2:1: recursive subcircuit: s -> s; a subcircuit cannot contain itself"
    )


def test_exponential_hierarchy_is_refused_before_it_is_made() -> None:
    with pytest.raises(NetlistError) as caught:
        flat(chain(10, 10))
    assert str(caught.value) == (
        "flattened it would have 10,000,000,000 devices, more than 5,000,000; "
        "choose a part of it with --subcircuit"
    )


def test_depth() -> None:
    assert len(flat(chain(99, 1)).devices) == 1
    with pytest.raises(NetlistError, match="instances nested deeper than 100 levels"):
        flat(chain(10_000, 1))


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_the_number_of_devices_is_the_product_of_the_copies(copies: list[int]) -> None:
    lines = ["R0 n0 0 1"]
    for level, count in enumerate(copies):
        lines.append(f".subckt s{level} a")
        inner = f"s{level + 1}" if level + 1 < len(copies) else "leaf"
        lines += [f"X{i} a {inner}" for i in range(count)]
        lines.append(".ends")
    lines += [".subckt leaf a", "R1 a 0 1", "R2 a b 1", ".ends", "X0 n0 s0", ""]
    product = 1
    for count in copies:
        product *= count
    circuit = flat("\n".join(lines))
    assert len(circuit.devices) == 1 + 2 * product
    assert len({device.name for device in circuit.devices}) == len(circuit.devices)
    assert len(circuit.nets) == 2 + product


def test_flattening_twice_changes_nothing() -> None:
    once = flat(chain(3, 2))
    assert once.flatten() == once


def test_devices_made_by_hand_flatten() -> None:
    made = Circuit(devices=(Device("R1", "resistor", ("p", "n"), ("a", "0")),))
    assert made.flatten().devices == made.devices


def test_initial_conditions_of_a_subcircuit_are_said_of_every_copy() -> None:
    deck = (
        "* t\n.subckt latch q vdd v0=1\n.ic v(q)={v0} v(mid)=0.5\nR1 q mid 1k\nR2 mid vdd 1k\n"
        ".ends\nV1 vdd 0 1\nX1 a vdd latch\nX2 b vdd latch v0=2\n.ic v(vdd)=1\n"
    )
    flat = parse_netlist(deck).flatten()
    assert [card.text for card in flat.cards] == [
        ".ic v(vdd)=1",
        ".ic v(a)={(1.0)} v(X1.mid)=0.5",
        ".ic v(b)={(2.0)} v(X2.mid)=0.5",
    ]
