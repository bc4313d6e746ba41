"""Comparison of two circuits: equal up to names and order, or where not."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.circuit import Circuit, Device, Expression, Span
from eda.errors import UndecidedError
from eda.graph import Comparison, circuit_graph, compare, isomorphic


def renamed(circuit: Circuit, seed: int = 0) -> Circuit:
    """The circuit in another order, with other names, and some channels turned round."""
    chance = random.Random(seed)
    kept = {"0", *circuit.ports}
    inner = [net for net in circuit.nets if net not in kept]
    names = {net: f"w{at}" for at, net in enumerate(chance.sample(inner, len(inner)))}
    devices = []
    for at, device in enumerate(chance.sample(circuit.devices, len(circuit.devices))):
        nets = [names.get(net, net) for net in device.nets]
        if device.kind == "mosfet" and chance.random() < 0.5:
            nets[0], nets[2] = nets[2], nets[0]
        devices.append(replace(device, name=f"Z{at}", nets=tuple(nets)))
    return replace(circuit, devices=tuple(devices))


def moved(circuit: Circuit, *moves: tuple[str, str, str]) -> Circuit:
    """The circuit with some pins (device, role, net) on other nets."""
    wanted = {(device, role): net for device, role, net in moves}
    return replace(
        circuit,
        devices=tuple(
            replace(
                device,
                nets=tuple(wanted.get((device.name, role), net) for role, net in device.pins),
            )
            for device in circuit.devices
        ),
    )


def without(circuit: Circuit, name: str) -> Circuit:
    kept = tuple(device for device in circuit.devices if device.name != name)
    return replace(circuit, devices=kept)


def changed(circuit: Circuit, name: str, **fields: object) -> Circuit:
    devices = tuple(
        replace(device, **fields) if device.name == name else device  # type: ignore[arg-type]
        for device in circuit.devices
    )
    return replace(circuit, devices=devices)


def messages(found: Comparison) -> list[str]:
    return [str(item) for item in found.differences]


@pytest.mark.parametrize("seed", range(5))
def test_names_order_and_turned_channels_play_no_part(opamp: Circuit, seed: int) -> None:
    assert compare(opamp, renamed(opamp, seed)) == Comparison(equal=True)
    assert compare(opamp, renamed(opamp, seed), sizes=True) == Comparison(equal=True)


def test_one_moved_pin_is_one_difference(opamp: Circuit) -> None:
    found = compare(opamp, moved(opamp, ("M7", "g", "n2")))
    assert not found.equal
    assert messages(found) == [
        "pin g of M7 is on net nbias in the first circuit, on net n2 in the second"
    ]
    assert (found.differences[0].kind, found.differences[0].a, found.differences[0].b) == (
        *("pin", ("M7", "nbias"), ("M7", "n2")),
    )


def test_one_moved_pin_is_one_difference_under_other_names(opamp: Circuit) -> None:
    other = renamed(moved(opamp, ("M4", "g", "out")), 2)
    names = {device.nets[1]: device.name for device in other.devices if "out" in device.nets[1:2]}
    assert messages(compare(opamp, other)) == [
        f"pin g of M4 ({names['out']} in the second) is on net n1 in the first circuit, "
        "on net out in the second"
    ]


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_any_moved_pin_is_found(data: st.DataObject) -> None:
    roles = ("d", "g", "s", "b")
    nets = st.sampled_from(["0", "a", "b", "c", "d"])
    devices = tuple(
        Device(f"M{at}", "mosfet", roles, tuple(data.draw(nets) for _ in roles), polarity="n")
        for at in range(5)
    )
    circuit = Circuit(devices=devices, ports=("a",))
    device, role = data.draw(st.sampled_from(devices)).name, data.draw(st.sampled_from(roles))
    net = data.draw(nets)
    found = compare(circuit, moved(circuit, (device, role, net)))
    assert len(found.differences) <= 1
    assert found.equal == (not found.differences)
    back = compare(moved(circuit, (device, role, net)), circuit)
    assert back.equal == found.equal


def test_a_pin_on_a_net_of_its_own(opamp: Circuit) -> None:
    assert messages(compare(opamp, moved(opamp, ("M7", "g", "nb2")))) == [
        "pin g of M7 is on net nbias in the first circuit, on net nb2 in the second, "
        "which the first does not have"
    ]


def test_a_missing_device(opamp: Circuit) -> None:
    fewer = without(opamp, "M6")
    assert messages(compare(opamp, fewer)) == [
        "pmos M6 (out n2 vdd vdd) of the first circuit has no counterpart"
    ]
    assert messages(compare(renamed(fewer), opamp)) == [
        "pmos M6 (out n2 vdd vdd) of the second circuit has no counterpart"
    ]


def test_an_open_and_a_short(opamp: Circuit) -> None:
    torn = moved(opamp, ("M5", "g", "nb2"), ("M7", "g", "nb2"))
    found = compare(opamp, torn)
    assert messages(found) == [
        "net nbias of the first circuit is two nets in the second, nbias and nb2; "
        "on nb2: M5.g, M7.g"
    ]
    assert found.differences[0].kind == "open"
    found = compare(torn, opamp)
    assert messages(found) == [
        "nets nbias and nb2 of the first circuit are one net in the second, nbias; "
        "from nb2: M5.g, M7.g"
    ]
    assert found.differences[0].kind == "short"
    assert [item.kind for item in compare(opamp, renamed(torn)).differences] == ["open"]


def test_another_type(opamp: Circuit) -> None:
    found = compare(opamp, changed(opamp, "M8", polarity="p"))
    assert messages(found) == ["M8 is an nmos in the first circuit, a pmos in the second"]


def test_another_kind_on_the_same_nets(opamp: Circuit) -> None:
    found = compare(opamp, changed(opamp, "RZ", kind="capacitor"))
    assert messages(found) == ["RZ is a resistor in the first circuit, a capacitor in the second"]


def test_sizes_and_models_count_on_request(opamp: Circuit) -> None:
    other = changed(opamp, "M8", parameters={"w": 3e-6, "l": 1e-6, "m": 1.0}, model="hvt")
    assert compare(opamp, other).equal
    found = compare(opamp, other, sizes=True)
    assert not found.equal
    assert messages(found) == [
        "M8 has model nch in the first circuit, hvt in the second",
        "w of M8 is 1e-05 in the first circuit, 3e-06 in the second",
    ]


def test_sizes_are_found_under_other_names_too(opamp: Circuit) -> None:
    other = changed(opamp, "RZ", parameters={"value": 3e3})
    found = compare(opamp, renamed(other), sizes=True)
    assert [item.kind for item in found.differences] == ["size"]
    assert found.differences[0].message.endswith("is 2000 in the first circuit, 3000 in the second")


def test_equal_sizes_written_in_other_ways() -> None:
    def resistor(value: object, **more: object) -> Circuit:
        parameters = {"value": value, **more}
        made = Device("R1", "resistor", ("p", "n"), ("a", "0"), "", parameters)  # type: ignore[arg-type]
        return Circuit(devices=(made,))

    assert compare(resistor(1e3), resistor(Expression("2*r", 1e3), m=1.0), sizes=True).equal
    assert compare(resistor(Expression("R * 2")), resistor(Expression("r*2")), sizes=True).equal
    assert compare(resistor((0.0, 1.0)), resistor((-0.0, 1.0)), sizes=True).equal
    assert messages(compare(resistor(1e3), resistor(Expression("v(a)")), sizes=True)) == [
        "value of R1 is 1000 in the first circuit, v(a) in the second"
    ]
    assert messages(compare(resistor(1e3), resistor(1e3, tc=(1.0, 2.0)), sizes=True)) == [
        "tc of R1 is not given in the first circuit, (1 2) in the second"
    ]


def test_swapped_sizes_of_a_symmetric_pair_are_equal() -> None:
    def pair(first: float, second: float) -> Circuit:
        return Circuit(
            devices=tuple(
                Device(name, "resistor", ("p", "n"), ("a", "0"), "", {"value": value})
                for name, value in (("R1", first), ("R2", second))
            )
        )

    assert compare(pair(1.0, 2.0), pair(2.0, 1.0), sizes=True).equal
    assert not compare(pair(1.0, 2.0), pair(2.0, 2.0), sizes=True).equal


def test_a_port_more_or_less(opamp: Circuit) -> None:
    fewer = replace(opamp, ports=opamp.ports[:4])
    assert messages(compare(opamp, fewer)) == [
        "port vss of the first circuit is no port of the second"
    ]
    assert messages(compare(fewer, opamp)) == [
        "port vss of the second circuit is no port of the first"
    ]
    more = replace(opamp, ports=(*opamp.ports, "en"))
    assert messages(compare(opamp, more)) == [
        "port en of the second circuit is no port of the first"
    ]


def test_exchanged_ports_are_a_difference(opamp: Circuit) -> None:
    other = moved(opamp, ("M1", "g", "inp"), ("M2", "g", "inn"))
    found = compare(opamp, other)
    assert not found.equal
    assert len(found.differences) == 2


def test_ports_of_other_names_are_matched_by_what_they_are(opamp: Circuit) -> None:
    names = {"inp": "vip", "inn": "vin", "out": "vout", "vdd": "vcc", "vss": "vee"}
    devices = tuple(
        replace(device, nets=tuple(names.get(net, net) for net in device.nets))
        for device in opamp.devices
    )
    other = replace(opamp, devices=devices, ports=tuple(names[port] for port in opamp.ports))
    assert compare(opamp, renamed(other)).equal


def test_references_are_compared() -> None:
    def circuit(target: str) -> Circuit:
        return Circuit(
            devices=(
                Device("V1", "vsource", ("p", "n"), ("a", "0")),
                Device("V2", "vsource", ("p", "n"), ("b", "0")),
                Device("C1", "capacitor", ("p", "n"), ("a", "0")),
                Device("F1", "cccs", ("p", "n"), ("a", "b"), references=(target,)),
            )
        )

    assert messages(compare(circuit("V1"), circuit("V2"))) == [
        "F1 refers to V1 in the first circuit, to V2 in the second"
    ]


def test_black_boxes_are_told_apart_by_their_subcircuit() -> None:
    def box(model: str, *nets: str) -> Circuit:
        return Circuit(devices=(Device("X1", "subcircuit", ("in", "out"), nets, model),))

    assert compare(box("amp", "a", "b"), box("AMP", "c", "d")).equal
    assert messages(compare(box("amp", "a", "0"), box("buf", "a", "0"))) == [
        "X1 is an amp in the first circuit, a buf in the second"
    ]
    assert len(compare(box("amp", "a", "0"), box("amp", "0", "a")).differences) == 2


def test_differences_say_where() -> None:
    def resistor(net: str, path: str) -> Circuit:
        span = Span(path, 7)
        return Circuit(
            devices=(
                Device("R1", "resistor", ("p", "n"), (net, "0"), span=span),
                Device("V1", "vsource", ("p", "n"), ("a", "0")),
            )
        )

    found = compare(resistor("a", "one.sp"), resistor("b", "two.sp")).differences
    assert [(item.a_span, item.b_span) for item in found] == [
        (Span("one.sp", 7), Span("two.sp", 7))
    ]


def test_a_question_too_hard_is_refused() -> None:
    def rings(*lengths: int) -> Circuit:
        return Circuit(
            devices=tuple(
                Device(f"C{ring}_{at}", "capacitor", ("p", "n"), nets)
                for ring, length in enumerate(lengths)
                for at in range(length)
                for nets in [(f"n{ring}_{at}", f"n{ring}_{(at + 1) % length}")]
            )
        )

    assert not compare(rings(6), rings(3, 3)).equal
    with pytest.raises(UndecidedError, match=r"^no decision whether the circuits are the same "):
        compare(rings(400), rings(200, 200), limit=5000)


def test_two_empty_circuits_are_equal() -> None:
    assert compare(Circuit(), Circuit()).equal
    assert not compare(Circuit(), Circuit(devices=(Device("K1", "mutual", (), ()),))).equal


def test_fingers_are_one_device_on_request() -> None:
    def transistor(name: str, *nets: str, m: float = 1.0) -> Device:
        roles = ("d", "g", "s", "b")
        return Device(name, "mosfet", roles, nets, "nch", {"w": 1e-6, "m": m}, "n")

    drawn = Circuit(devices=(transistor("M1", "out", "in", "0", "0", m=3.0),), ports=("out", "in"))
    fingers = (
        transistor("M1", "out", "in", "0", "0"),
        transistor("M2", "0", "IN", "out", "0"),
        transistor("M3", "out", "in", "0", "0"),
    )
    extracted = replace(drawn, devices=fingers)
    assert len(compare(drawn, extracted).differences) == 2
    assert compare(drawn, extracted, parallel=True).equal
    assert compare(drawn, extracted, parallel=True, sizes=True).equal
    two = replace(drawn, devices=fingers[:2])
    assert messages(compare(drawn, two, parallel=True, sizes=True)) == [
        "m of M1 is 3 in the first circuit, 2 in the second"
    ]


def test_coupled_inductors_are_never_merged() -> None:
    def inductor(name: str) -> Device:
        return Device(name, "inductor", ("p", "n"), ("a", "0"))

    one = Circuit(devices=(inductor("L1"), inductor("L2")))
    coupling = Device("K1", "mutual", (), (), references=("L1", "L2"))
    two = replace(one, devices=(*one.devices, coupling))
    assert compare(two, two, parallel=True).equal
    assert not compare(one, two, parallel=True).equal


def test_ground_is_not_just_a_name() -> None:
    def load(bottom: str) -> Circuit:
        return Circuit(devices=(Device("R1", "resistor", ("p", "n"), ("a", bottom)),))

    assert compare(load("0"), load("0")).equal
    assert messages(compare(load("0"), load("b"))) == [
        "pin n of R1 is on net 0 in the first circuit, on net b in the second, "
        "which the first does not have"
    ]


KINDS = st.sampled_from(
    [("mosfet", ("d", "g", "s", "b")), ("resistor", ("p", "n")), ("diode", ("a", "k"))]
)
NETS = ["0", "a", "b", "c", "d"]


@given(
    st.lists(st.tuples(KINDS, st.lists(st.sampled_from(NETS), min_size=4, max_size=4)), max_size=7),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_isomorphic(
    drawn: list[tuple[tuple[str, tuple[str, ...]], list[str]]], data: st.DataObject
) -> None:
    devices = tuple(
        Device(f"D{at}", kind, roles, tuple(nets[: len(roles)]))
        for at, ((kind, roles), nets) in enumerate(drawn)
    )
    one = Circuit(devices=devices, ports=("a",))
    other = one
    change: bool = data.draw(st.booleans())
    if devices and change:
        device = data.draw(st.sampled_from(devices))
        other = moved(one, (device.name, device.roles[0], data.draw(st.sampled_from(NETS))))
    if data.draw(st.booleans()):
        other = renamed(other, data.draw(st.integers(0, 99)))
    found = compare(one, other)
    assert found.equal == isomorphic(circuit_graph(one), circuit_graph(other))
    assert found.equal == (not found.differences)
