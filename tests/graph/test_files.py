"""Graph files: round trips, what strangers' files may not do, and half-written files."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.circuit import Circuit, Device
from eda.errors import GraphFileError
from eda.graph import CircuitGraph, circuit_graph, read_graph, write_graph
from eda.graph.tables import same_graph

READABLE = (".json", ".npz", ".pt")


@pytest.fixture
def graph() -> CircuitGraph:
    return circuit_graph(
        Circuit(
            devices=(
                Device("M1", "mosfet", ("d", "g", "s"), ("a", "a", "0"), "nch", polarity="n"),
                Device("L1", "inductor", ("p", "n"), ("a", "vdd")),
                Device("K1", "mutual", (), (), references=("L1", "l1")),
                Device("X<1>", "subcircuit", ("in&", "µ"), ("a", '"b"'), "amp"),
                Device("M1", "resistor", ("p", "n"), ("a", "0")),
            ),
            ports=("vdd", "nc"),
        )
    )


@pytest.mark.parametrize("suffix", READABLE)
def test_round_trip(graph: CircuitGraph, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    write_graph(graph, path)
    assert same_graph(read_graph(path), graph)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", READABLE)
def test_an_empty_graph_makes_the_round_trip(tmp_path: Path, suffix: str) -> None:
    empty = circuit_graph(Circuit())
    write_graph(empty, tmp_path / f"out{suffix}")
    assert same_graph(read_graph(tmp_path / f"out{suffix}"), empty)


NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=5
)


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=5))
@settings(max_examples=25, deadline=None)
def test_any_names_make_the_round_trip(tmp_path_factory: Any, names: list[tuple[str, ...]]) -> None:
    devices = tuple(
        Device(name, "subcircuit", (first, second), (second, first), name)
        for name, first, second in names
    )
    made = circuit_graph(Circuit(devices=devices))
    folder = tmp_path_factory.mktemp("names")
    for suffix in (".json", ".npz"):
        write_graph(made, folder / f"out{suffix}")
        assert same_graph(read_graph(folder / f"out{suffix}"), made)


def test_networkx_reads_the_json(graph: CircuitGraph, tmp_path: Path) -> None:
    write_graph(graph, tmp_path / "out.json")
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert data["schema"] == "eda.circuit-graph/1"
    found = nx.node_link_graph(data, edges="edges")
    assert nx.utils.graphs_equal(found, graph.to_networkx())


def test_networkx_reads_the_graphml(graph: CircuitGraph, tmp_path: Path) -> None:
    write_graph(graph, tmp_path / "out.graphml")
    found = nx.read_graphml(tmp_path / "out.graphml", force_multigraph=True)
    wanted = graph.to_networkx()
    assert dict(found.nodes(data=True)) == dict(wanted.nodes(data=True))

    def edges(made: Any) -> list[tuple[Any, ...]]:
        return sorted(
            (*sorted((one, other)), data["edge_kind"], data["role"], data["device"])
            for one, other, data in made.edges(data=True)
        )

    assert edges(found) == edges(wanted)
    assert found.graph["schema"] == "eda.circuit-graph/1"


def test_graphml_has_no_characters_that_xml_forbids(tmp_path: Path) -> None:
    resistor = Device("R\x011", "resistor", ("p", "n"), ("a\x00", "0"))
    write_graph(circuit_graph(Circuit(devices=(resistor,))), tmp_path / "out.graphml")
    found = nx.read_graphml(tmp_path / "out.graphml")
    assert sorted(found.nodes) == ["device:R\ufffd1", "net:0", "net:a\ufffd"]


def test_numpy_and_torch_open_the_files_without_pickle(graph: CircuitGraph, tmp_path: Path) -> None:
    import torch

    write_graph(graph, tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz", allow_pickle=False) as arrays:
        assert arrays["edge_net"].tolist() == graph.edge_net.tolist()
        assert bytes(arrays["net_names"]).decode().splitlines() == list(graph.net_names)
    write_graph(graph, tmp_path / "out.pt")
    state = torch.load(tmp_path / "out.pt", weights_only=True)
    assert state["edge_net"].tolist() == graph.edge_net.tolist()
    assert state["net_names"] == list(graph.net_names)


def test_other_endings_are_refused(graph: CircuitGraph, tmp_path: Path) -> None:
    for name, told in (("out.dot", ".dot"), ("out", "a file without ending")):
        path = tmp_path / name
        with pytest.raises(GraphFileError) as caught:
            write_graph(graph, path)
        assert str(caught.value) == (
            f"{path}: cannot write a graph as {told}; use .json, .npz, .pt or .graphml"
        )
        with pytest.raises(GraphFileError) as caught:
            read_graph(path)
        assert str(caught.value) == (
            f"{path}: cannot read a graph from {told}; use .json, .npz or .pt"
        )
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_leaves_the_old_file(
    graph: CircuitGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")

    def full(*_: object) -> None:
        (tmp_path / next(item.name for item in tmp_path.iterdir() if ".part" in item.name))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("eda.graph.file_json._edges", full)
    with pytest.raises(GraphFileError) as caught:
        write_graph(graph, path)
    assert str(caught.value) == f"{path}: cannot be written: No space left on device"
    assert [item.name for item in tmp_path.iterdir()] == ["out.json"]
    assert path.read_text() == "old"
    with pytest.raises(GraphFileError, match=r"cannot be written: No such file or directory$"):
        write_graph(graph, tmp_path / "nosuch" / "out.npz")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("out.json", "out.npz", "out.pt"):
        with pytest.raises(GraphFileError) as caught:
            read_graph(tmp_path / name)
        assert str(caught.value) == f"{tmp_path / name}: there is no such file"


def good_json(graph: CircuitGraph, path: Path) -> dict[str, Any]:
    write_graph(graph, path)
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def drop(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: data.pop(key)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (drop("schema"), ": its schema is None, not 'eda.circuit-graph/1'"),
        (
            lambda data: data.update(schema="eda.circuit-graph/2"),
            ": its schema is 'eda.circuit-graph/2', not 'eda.circuit-graph/1'",
        ),
        (drop("edges"), ": edges is not a list"),
        (
            lambda data: data["nodes"][0].update(type="memristor"),
            ": type 'memristor' is none of resistor, capacitor, inductor, mutual, diode, npn, pnp, "
            "bipolar, nmos, pmos, mosfet, njf, pjf, jfet, nmf, pmf, mesfet, vsource, isource, "
            "vcvs, vccs, ccvs, cccs, behavioral, switch, tline, xspice, osdi, subcircuit",
        ),
        (
            lambda data: data["nodes"][0].update(node_kind="pin"),
            ": nodes[0]: node_kind is 'pin', not 'device' or 'net'",
        ),
        (lambda data: data["nodes"].__setitem__(0, 7), ": nodes[0]: node_kind is None, not text"),
        (
            lambda data: data["nodes"][1].update(id=data["nodes"][0]["id"]),
            ": two nodes have the same id",
        ),
        (
            lambda data: data["edges"][2].update(target="net:nosuch"),
            ": edges[2]: joins nodes that are not there",
        ),
        (lambda data: data["edges"][1].update(role=3), ": edges[1]: role is 3, not text"),
        (
            lambda data: data["edges"].reverse(),
            ": the pins of a device are not consecutive",
        ),
    ],
)
def test_spoilt_json_is_refused(
    graph: CircuitGraph, tmp_path: Path, spoil: Callable[[dict[str, Any]], None], message: str
) -> None:
    path = tmp_path / "out.json"
    data = good_json(graph, path)
    spoil(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(GraphFileError) as caught:
        read_graph(path)
    assert str(caught.value) == f"{path}{message}"


@pytest.mark.parametrize("text", ["", "[", "\x00\xff", "[" * 100_000, "3", '{"schema": []}'])
def test_what_is_no_graph_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(GraphFileError, match=r"^" + re.escape(str(path)) + ": (not JSON|its sch)"):
        read_graph(path)


def repacked(source: Path, target: Path, **members: bytes | None) -> None:
    """Copy an archive with some members replaced, or left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = members.get(info.filename.removesuffix(".npy"), old.read(info))
            if data is not None:
                new.writestr(info.filename, data)


def npy(array: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("member", "data", "message"),
    [
        ("edge_net", None, "edge_net is missing"),
        ("edge_net", b"nonsense", "edge_net.npy is no array: "),
        ("edge_net", npy(np.zeros(3)), "edge_net is float64 of 1 dimensions, not int32 of one"),
        ("edge_net", npy(np.zeros((2, 2), np.int32)), "edge_net.npy says int32 (2, 2) and has "),
        ("edge_net", npy(np.array([{}], dtype=object)), "edge_net.npy says object (1,) and has "),
        ("edge_role", npy(np.zeros(1, np.int16)), "edge_role has 1 entries, not 9"),
        (
            "edge_net",
            npy(np.full(9, 99, np.int32)),
            "edge_net[0] is 99, not between 0 and 4",
        ),
        ("edge_net", npy(np.full(9, -1, np.int32)), "edge_net[0] is -1, not between 0 and 4"),
        ("net_names", npy(np.frombuffer(b"a", np.uint8)), "net_names does not end with a line end"),
        ("net_names", npy(np.frombuffer(b"\xff\n", np.uint8)), "net_names is not UTF-8"),
        ("net_names", npy(np.zeros(2, np.int8)), "net_names is int8, not uint8"),
        ("schema", npy(np.frombuffer(b"x\n", np.uint8)), "its schema is ['x'], not 'eda.circuit-"),
        ("role_names", npy(np.frombuffer(b"x\n" * 99, np.uint8)), "role_names does not begin with"),
    ],
)
def test_spoilt_npz_is_refused(
    graph: CircuitGraph, tmp_path: Path, member: str, data: bytes | None, message: str
) -> None:
    write_graph(graph, tmp_path / "good.npz")
    path = tmp_path / "bad.npz"
    repacked(tmp_path / "good.npz", path, **{member: data})
    with pytest.raises(GraphFileError, match=r"^" + re.escape(f"{path}: {message}")):
        read_graph(path)


def test_a_header_that_promises_too_much_makes_no_room(graph: CircuitGraph, tmp_path: Path) -> None:
    write_graph(graph, tmp_path / "good.npz")
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<i4", "fortran_order": False, "shape": (10**15,)}
    )
    repacked(tmp_path / "good.npz", tmp_path / "bad.npz", edge_net=head.getvalue())
    with pytest.raises(GraphFileError) as caught:
        read_graph(tmp_path / "bad.npz")
    assert str(caught.value) == (
        f"{tmp_path / 'bad.npz'}: edge_net.npy says int32 (1000000000000000,) and has 0 bytes"
    )


@pytest.mark.parametrize("suffix", [".npz", ".pt"])
def test_what_is_no_archive_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(GraphFileError, match=r": not a (zip of arrays|file of tensors): "):
        read_graph(path)


class Trap:
    """An object that would leave a trace if it were unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("sprung"),)


def test_a_tensor_file_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.chdir(tmp_path)
    torch.save({"schema": "eda.circuit-graph/1", "device_type": Trap()}, "out.pt")
    with pytest.raises(GraphFileError, match=r"^out\.pt: not a file of tensors: "):
        read_graph("out.pt")
    assert not Path("sprung").exists()
    torch.save({"schema": "other"}, "out.pt")
    with pytest.raises(GraphFileError) as caught:
        read_graph("out.pt")
    assert str(caught.value) == "out.pt: does not say that it is 'eda.circuit-graph/1'"


def test_too_large_a_file_is_not_opened(
    graph: CircuitGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for suffix in READABLE:
        write_graph(graph, tmp_path / f"out{suffix}")
    monkeypatch.setattr("eda.graph.files.MAX_FILE_BYTES", 10)
    for suffix in READABLE:
        with pytest.raises(GraphFileError, match=r"bytes are more than 10$"):
            read_graph(tmp_path / f"out{suffix}")
