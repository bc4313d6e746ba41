"""Circuit graphs as networkx and PyTorch Geometric objects."""

import numpy as np

from eda.circuit import ROLES, Circuit, Device
from eda.graph import DEVICE_TYPES, NET_CLASSES, circuit_graph


def diode_connected() -> Circuit:
    return Circuit(
        devices=(
            Device("M1", "mosfet", ("d", "g", "s", "b"), ("a", "a", "0", "0"), "nch", polarity="n"),
            Device("L1", "inductor", ("p", "n"), ("a", "vdd")),
            Device("L2", "inductor", ("p", "n"), ("a", "0")),
            Device("K1", "mutual", (), (), references=("L1", "L2")),
        ),
        ports=("vdd",),
    )


def test_networkx_has_every_documented_attribute() -> None:
    made = circuit_graph(diode_connected()).to_networkx()
    assert made.graph == {"schema": "eda.circuit-graph/1"}
    assert dict(made.nodes(data=True)) == {
        "device:M1": {"node_kind": "device", "name": "M1", "type": "nmos", "model": "nch"},
        "device:L1": {"node_kind": "device", "name": "L1", "type": "inductor", "model": ""},
        "device:L2": {"node_kind": "device", "name": "L2", "type": "inductor", "model": ""},
        "device:K1": {"node_kind": "device", "name": "K1", "type": "mutual", "model": ""},
        "net:vdd": {"node_kind": "net", "name": "vdd", "net_class": "supply", "is_port": True},
        "net:a": {"node_kind": "net", "name": "a", "net_class": "internal", "is_port": False},
        "net:0": {"node_kind": "net", "name": "0", "net_class": "ground", "is_port": False},
    }
    edges = [
        (one, other, data["edge_kind"], data["role"], data["device"])
        for one, other, data in made.edges(data=True)
    ]
    assert sorted(edges) == sorted(
        [
            ("device:M1", "net:a", "pin", "d", "device:M1"),
            ("device:M1", "net:a", "pin", "g", "device:M1"),
            ("device:M1", "net:0", "pin", "s", "device:M1"),
            ("device:M1", "net:0", "pin", "b", "device:M1"),
            ("device:L1", "net:a", "pin", "p", "device:L1"),
            ("device:L1", "net:vdd", "pin", "n", "device:L1"),
            ("device:L2", "net:a", "pin", "p", "device:L2"),
            ("device:L2", "net:0", "pin", "n", "device:L2"),
            ("device:L1", "device:K1", "reference", "refers_to", "device:K1"),
            ("device:L2", "device:K1", "reference", "refers_to", "device:K1"),
        ]
    )


def test_devices_of_one_name_stay_apart() -> None:
    resistor = Device("R1", "resistor", ("p", "n"), ("R1", "0"))
    third = Device("R1#2", "resistor", ("p", "n"), ("R1", "0"))
    made = circuit_graph(Circuit(devices=(resistor, resistor, third))).to_networkx()
    assert list(made.nodes) == [
        *("device:R1", "device:R1#3", "device:R1#2", "net:R1", "net:0"),
    ]
    assert made.number_of_edges() == 6


def test_pyg_has_every_documented_attribute() -> None:
    graph = circuit_graph(diode_connected())
    data = graph.to_pyg()
    assert data.validate()
    assert data.schema == "eda.circuit-graph/1"
    assert data.role_names == list(ROLES)
    device, net = data["device"], data["net"]
    assert device.x.shape == (4, len(DEVICE_TYPES))
    assert [DEVICE_TYPES[at] for at in device.x.argmax(dim=1)] == [
        *("nmos", "inductor", "inductor", "mutual"),
    ]
    assert device.type.tolist() == graph.device_type.tolist()
    assert device.name == ["M1", "L1", "L2", "K1"]
    assert net.x.shape == (3, len(NET_CLASSES) + 2)
    assert [NET_CLASSES[at] for at in net.net_class] == ["supply", "internal", "ground"]
    assert net.is_port.tolist() == [True, False, False]
    assert net.x[:, -2].tolist() == [1.0, 0.0, 0.0]
    assert net.degree.tolist() == [1, 4, 3]
    np.testing.assert_allclose(net.x[:, -1].numpy(), np.log1p([1, 4, 3]), rtol=1e-6)
    pins = data["device", "pin", "net"]
    assert pins.edge_index.tolist() == [graph.edge_device.tolist(), graph.edge_net.tolist()]
    assert [data.role_names[at] for at in pins.role] == ["d", "g", "s", "b", "p", "n", "p", "n"]
    back = data["net", "pin_of", "device"]
    assert back.edge_index.tolist() == pins.edge_index.flip(0).tolist()
    assert data["device", "refers_to", "device"].edge_index.tolist() == [[3, 3], [1, 2]]


def test_a_message_passing_layer_takes_the_data() -> None:
    import torch
    from torch_geometric.nn import HeteroConv, SAGEConv

    torch.manual_seed(0)
    data = circuit_graph(diode_connected()).to_pyg()
    layer = HeteroConv(
        {
            ("device", "pin", "net"): SAGEConv((-1, -1), 8),
            ("net", "pin_of", "device"): SAGEConv((-1, -1), 8),
        }
    )
    found = layer(data.x_dict, data.edge_index_dict)
    assert {name: tuple(value.shape) for name, value in found.items()} == {
        **{"net": (3, 8), "device": (4, 8)}
    }


def test_empty_graphs_convert() -> None:
    graph = circuit_graph(Circuit())
    assert graph.to_networkx().number_of_nodes() == 0
    assert graph.to_pyg()["device"].x.shape == (0, len(DEVICE_TYPES))
