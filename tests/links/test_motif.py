"""Motifs: what a wire looks like does not hang on names, on order, or on where the pin is now."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.circuit import Circuit, Device
from eda.errors import WeightsError
from eda.graph import circuit_graph
from eda.links.motif import TOKENS, Neighbourhood, wire_tokens
from eda.links.motif_index import (
    SHIPPED_INDEX,
    MotifIndex,
    NamedSample,
    build_index,
    load_index,
    save_index,
    shipped_index,
)
from eda.links.motif_words import WORDS, spell, wire_words
from eda.links.sample import Sample, make_sample

BITS = {word: 1 << at for at, (word, _) in enumerate(WORDS)}


def mosfet(name: str, polarity: str, *nets: str) -> Device:
    return Device(name, "mosfet", ("d", "g", "s", "b"), nets, polarity=polarity)


def two(name: str, kind: str, p: str, n: str) -> Device:
    return Device(name, kind, ("p", "n"), (p, n))


def named(circuit: Circuit, name: str = "own/ota") -> NamedSample:
    return NamedSample(
        name,
        make_sample(circuit_graph(circuit)),
        tuple(device.name for device in circuit.devices),
        tuple(role for device in circuit.devices for role in device.roles),
    )


def pin_of(circuit: Circuit, device: str, role: str) -> int:
    at = 0
    for item in circuit.devices:
        if item.name == device:
            return at + item.roles.index(role)
        at += len(item.roles)
    raise AssertionError(device)


def words(circuit: Circuit, device: str, role: str, net: str = "") -> set[str]:
    """The words of a pin where it is, or on another net."""
    graph = circuit_graph(circuit)
    pin = pin_of(circuit, device, role)
    at = graph.net_names.index(net) if net else int(graph.edge_net[pin])
    bits = wire_words(Neighbourhood.of(make_sample(graph)), pin, at)
    return set(spell(bits, most=len(WORDS)))


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        ("M4.g", {"mirror gate"}),
        ("M3.g", {"diode connection", "mirror input"}),
        ("M1.s", {"common source"}),
        ("M5.d", {"tail of a pair"}),
        ("M2.d", {"active load", "drives a gate"}),
        ("M6.g", {"gate driven by a stage"}),
        ("M6.d", {"active load"}),
        ("M1.g", {"on an input"}),
        ("M7.g", {"mirror gate"}),
        ("M3.s", {"on a rail"}),
        ("CC.p", {"feedback around a transistor", "passive load"}),
        ("CL.p", {"passive load", "passives in series", "to a rail at its other end"}),
    ],
)
def test_words_of_an_amplifier(ota: Circuit, pin: str, expected: set[str]) -> None:
    device, _, role = pin.partition(".")
    found = words(ota, device, role)
    assert expected <= found
    assert found - expected <= {"on an output", "on a bias line"}


def test_words_of_other_motifs() -> None:
    circuit = Circuit(
        devices=(
            mosfet("MA", "n", "a", "b", "0", "0"),
            mosfet("MB", "n", "b", "a", "0", "0"),
            mosfet("MC", "n", "out", "vcas", "a", "a"),
            mosfet("MD", "n", "e", "in", "d", "0"),
            two("RD", "resistor", "d", "0"),
            mosfet("ME", "n", "e", "in", "d", "0"),
        )
    )
    assert "cross-coupled" in words(circuit, "MA", "g")
    assert words(circuit, "MC", "s") == {
        "stacked on a like device",
        "drives a gate",
        "second pin of its device on the net",
    }
    assert "bulk on its source" in words(circuit, "MC", "b")
    assert "source degeneration" in words(circuit, "RD", "p")
    assert "parallel to a like device" in words(circuit, "ME", "g")


def test_a_word_is_not_said_where_it_is_not_true(ota: Circuit) -> None:
    assert "mirror gate" not in words(ota, "M4", "g", "n2")
    assert "diode connection" in words(ota, "M4", "g", "n2")
    assert words(ota, "M4", "g", "tail").isdisjoint({"mirror gate", "diode connection"})


def test_words_of_bipolars_are_those_of_mos(ota: Circuit) -> None:
    turned = {"d": "c", "g": "b", "s": "e"}
    devices = tuple(
        replace(
            device,
            kind="bipolar",
            roles=tuple(turned[role] for role in device.roles[:3]),
            nets=device.nets[:3],
        )
        if device.kind == "mosfet"
        else device
        for device in ota.devices
    )
    circuit = Circuit(devices=devices)
    for device in ota.devices:
        for role in "dgs" if device.kind == "mosfet" else ():
            if device.name not in ("M3", "M6"):  # whose supply has lost the bulks that name it
                assert words(circuit, device.name, turned[role]) == words(ota, device.name, role)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_tokens_hang_on_the_wiring_alone(ota: Circuit, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(ota.devices))))
    names = {net: f"x{at}" for at, net in enumerate(("n1", "n2", "tail"))}
    other = Circuit(
        devices=tuple(
            replace(
                ota.devices[at],
                name=f"{ota.devices[at].name}z",
                nets=tuple(names.get(net, net) for net in ota.devices[at].nets),
            )
            for at in order
        )
    )
    device = data.draw(st.sampled_from(ota.devices))
    role = data.draw(st.sampled_from(device.roles))
    net = data.draw(st.sampled_from(ota.nets))
    found = []
    for circuit, name, there in (
        (ota, device.name, net),
        (other, f"{device.name}z", names.get(net, net)),
    ):
        graph = circuit_graph(circuit)
        around = Neighbourhood.of(make_sample(graph))
        found.append(
            wire_tokens(around, pin_of(circuit, name, role), graph.net_names.index(there)).tolist()
        )
    assert found[0] == found[1]
    assert found[0] == sorted(set(found[0]))
    assert all(0 <= token < TOKENS for token in found[0])


def test_tokens_do_not_hang_on_where_the_pin_is(ota: Circuit, ota_sample: Sample) -> None:
    graph = circuit_graph(ota)
    pin = pin_of(ota, "M4", "g")
    net = graph.net_names.index("n1")
    moved = ota_sample.edge_net.copy()
    moved[pin] = graph.net_names.index("out")
    one = wire_tokens(Neighbourhood.of(ota_sample), pin, net)
    two_ = wire_tokens(Neighbourhood.of(replace(ota_sample, edge_net=moved)), pin, net)
    np.testing.assert_array_equal(one, two_)


@pytest.fixture
def index(ota: Circuit) -> MotifIndex:
    return build_index([named(ota)], card={"title": "test"})


def test_a_wire_of_the_index_finds_itself(ota: Circuit, index: MotifIndex) -> None:
    sample = make_sample(circuit_graph(ota))
    around = Neighbourhood.of(sample)
    for pin, net in enumerate(sample.edge_net.tolist()):
        if sample.net_degree[net] < 2:
            continue
        found = index.explain(around, pin, net)
        assert found is not None
        assert found.likeness == pytest.approx(1.0)
        assert found.circuit == "own/ota"
    found = index.explain(around, pin_of(ota, "M4", "g"), circuit_graph(ota).net_names.index("n1"))
    assert str(found) == "like M4.g in own/ota, 100 % alike (same: mirror gate)"


def test_equal_wires_are_kept_once_and_counted(ota: Circuit, index: MotifIndex) -> None:
    twice = build_index([named(ota), named(ota, "own/again")], card={})
    assert len(twice.words) == len(index.words)
    assert twice.circuit_names == ("own/ota",)
    np.testing.assert_array_equal(twice.times, 2 * index.times)


def test_a_small_index_keeps_the_frequent(ota: Circuit, index: MotifIndex) -> None:
    small = build_index([named(ota)], card={}, most_bytes=400)
    assert 0 < len(small.words) < len(index.words)
    assert small.times.min() >= 1
    assert small.times.max() == index.times.max()


def test_a_kind_of_pin_that_is_not_there(ota: Circuit, index: MotifIndex) -> None:
    assert index.nearest(0, np.array([1, 2], dtype=np.uint16)) == (-1, 0.0)


def test_round_trip(tmp_path: Path, index: MotifIndex) -> None:
    path = tmp_path / "m.safetensors"
    save_index(index, path)
    read = load_index(path)
    for name in ("kind_start", "token_start", "tokens", "words", "times", "circuit", "device"):
        np.testing.assert_array_equal(getattr(read, name), getattr(index, name))
    assert (read.circuit_names, read.device_names) == (index.circuit_names, index.device_names)
    assert read.card["title"] == "test"


def test_a_damaged_index_is_refused(tmp_path: Path, index: MotifIndex) -> None:
    path = tmp_path / "m.safetensors"
    with pytest.raises(WeightsError, match=re.escape(f"{path}: no such index; make it with:")):
        load_index(path)
    save_index(index, path)
    names = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**names, "devices": []}))
    message = f"{path}: not an index of motifs (its parts do not fit together)"
    with pytest.raises(WeightsError, match=f"^{re.escape(message)}$"):
        load_index(path)
    path.write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="not an index of motifs"):
        load_index(path)


def test_the_shipped_index_is_small_and_says_where_it_comes_from() -> None:
    index = shipped_index()
    size = sum(path.stat().st_size for path in (SHIPPED_INDEX, SHIPPED_INDEX.with_suffix(".json")))
    assert size <= 1_500_000
    assert len(index.words) > 1_000
    assert {item["licence"] for item in index.card["data"]} <= {"MIT", "BSD-3-Clause"}
    corpora = {item["name"] for item in index.card["data"]}
    assert {name.split("/")[0] for name in index.circuit_names} <= corpora
