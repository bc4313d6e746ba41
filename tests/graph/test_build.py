"""From a circuit to its graph arrays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.circuit import ROLES, Circuit, Device, Subcircuit
from eda.graph import DEVICE_TYPES, NET_CLASSES, circuit_graph


def test_devices_nets_and_pins_keep_their_order(opamp: Circuit) -> None:
    graph = circuit_graph(opamp)
    assert graph.device_names == tuple(device.name for device in opamp.devices)
    assert graph.net_names == (*opamp.ports, "n1", "tail", "n2", "nbias", "nz")
    pins = [
        (graph.device_names[device], graph.role_names[role], graph.net_names[net])
        for device, role, net in zip(
            graph.edge_device, graph.edge_role, graph.edge_net, strict=True
        )
    ]
    assert pins == [
        (device.name, role, net) for device in opamp.devices for role, net in device.pins
    ]
    assert (graph.num_devices, graph.num_nets, graph.num_pins) == (12, 10, 40)
    assert graph.net_degree.tolist()[:5] == [1, 1, 4, 7, 9]
    assert graph.device_model[:4] == ("nch", "nch", "pch", "pch")


def test_arrays_have_the_types_that_are_documented(opamp: Circuit) -> None:
    graph = circuit_graph(opamp)
    assert [
        str(array.dtype)
        for array in (
            *(graph.device_type, graph.net_class, graph.net_is_port),
            *(graph.edge_device, graph.edge_net, graph.edge_role),
        )
    ] == ["int8", "int8", "bool", "int32", "int32", "int16"]


def test_types_are_refined_by_polarity() -> None:
    roles = {"bipolar": ("c", "b", "e"), "jfet": ("d", "g", "s"), "mosfet": ("d", "g", "s", "b")}
    made = [
        Device(f"{kind}{polarity}", kind, pins, pins, polarity=polarity)
        for kind, pins in roles.items()
        for polarity in ("n", "p", "")
    ]
    graph = circuit_graph(Circuit(devices=tuple(made)))
    assert [DEVICE_TYPES[at] for at in graph.device_type] == [
        *("npn", "pnp", "bipolar", "njf", "pjf", "jfet", "nmos", "pmos", "mosfet")
    ]


def test_nets_are_one_whatever_their_case() -> None:
    devices = (
        Device("R1", "resistor", ("p", "n"), ("Out", "a")),
        Device("R2", "resistor", ("p", "n"), ("OUT", "A")),
    )
    graph = circuit_graph(Circuit(devices=devices, ports=("out",)))
    assert graph.net_names == ("out", "a")
    assert graph.edge_net.tolist() == [0, 1, 0, 1]


def test_a_port_that_nothing_touches_is_a_net() -> None:
    graph = circuit_graph(Circuit(ports=("en",)))
    assert graph.net_names == ("en",)
    assert graph.net_is_port.tolist() == [True]
    assert graph.num_pins == 0


def test_an_empty_circuit_gives_an_empty_graph() -> None:
    graph = circuit_graph(Circuit())
    assert (graph.num_devices, graph.num_nets, graph.num_pins) == (0, 0, 0)


def test_black_boxes_bring_their_port_names_as_roles() -> None:
    box = Device("X1", "subcircuit", ("in", "d", "out"), ("a", "b", "c"), "amp")
    graph = circuit_graph(Circuit(devices=(box,)))
    assert graph.role_names == (*ROLES, "in", "out")
    assert [graph.role_names[role] for role in graph.edge_role] == ["in", "d", "out"]


def test_a_mutual_inductance_has_references_and_no_pins() -> None:
    devices = (
        Device("K1", "mutual", (), (), references=("L1", "l2")),
        Device("L1", "inductor", ("p", "n"), ("a", "0")),
        Device("L2", "inductor", ("p", "n"), ("b", "0")),
        Device("F1", "cccs", ("p", "n"), ("a", "b"), references=("nosuch",)),
    )
    graph = circuit_graph(Circuit(devices=devices))
    assert graph.edge_device.tolist() == [1, 1, 2, 2, 3, 3]
    assert graph.reference_device.tolist() == [0, 0]
    assert graph.reference_target.tolist() == [1, 2]


def test_hierarchy_is_flattened() -> None:
    resistor = Device("R1", "resistor", ("p", "n"), ("a", "mid"))
    half = Subcircuit(devices=(resistor,), name="half", ports=("a",))
    instance = Device("X1", "subcircuit", ("a",), ("in",), "half")
    graph = circuit_graph(Circuit(devices=(instance,), subcircuits={"half": half}))
    assert [name.lower() for name in graph.device_names] == ["x1.r1"]
    assert [name.lower() for name in graph.net_names] == ["in", "x1.mid"]


def test_unclassified_nets_are_ports_or_internal(opamp: Circuit) -> None:
    graph = circuit_graph(opamp, classify=False)
    assert {NET_CLASSES[at] for at in graph.net_class[:5]} == {"port"}
    assert {NET_CLASSES[at] for at in graph.net_class[5:]} == {"internal"}


def test_pins_without_roles_are_refused() -> None:
    broken = Device("R1", "resistor", ("p", "n"), ("a", "b", "c"))
    with pytest.raises(ValueError, match=r"^device R1 has 3 nets for 2 roles$"):
        circuit_graph(Circuit(devices=(broken,)))


def test_unknown_kinds_are_refused() -> None:
    broken = Device("Z1", "flux", ("p",), ("a",))
    with pytest.raises(ValueError, match=r"^no device kind 'flux'; see eda.circuit.KINDS$"):
        circuit_graph(Circuit(devices=(broken,)))


NETS = st.sampled_from(["0", "a", "b", "c", "A", "vdd"])


@given(st.lists(st.tuples(NETS, NETS), max_size=8), st.lists(NETS, max_size=3, unique=True))
def test_every_pin_is_an_edge(ends: list[tuple[str, str]], ports: list[str]) -> None:
    devices = tuple(Device(f"R{at}", "resistor", ("p", "n"), pair) for at, pair in enumerate(ends))
    graph = circuit_graph(Circuit(devices=devices, ports=tuple(ports)))
    seen = [graph.net_names[net].lower() for net in graph.edge_net]
    assert seen == [net.lower() for pair in ends for net in pair]
    assert len({name.lower() for name in graph.net_names}) == graph.num_nets
    ported = {graph.net_names[at].lower() for at in range(graph.num_nets) if graph.net_is_port[at]}
    assert ported == {port.lower() for port in ports}
