"""Scenes: what is hidden leaves no trace."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.links.features import make_features
from eda.links.sample import Sample
from eda.links.scene import join_scenes, make_scene, right_pairs
from eda.links.vocabulary import NET_ROLES, PIN_KINDS

_MOS = [PIN_KINDS.index(f"nmos.{pin}") for pin in "dgsb"]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    devices = draw(st.integers(2, 8))
    nets = draw(st.integers(2, 10))
    edge_net = draw(st.lists(st.integers(0, nets - 1), min_size=4 * devices, max_size=4 * devices))
    roles = draw(st.lists(st.integers(0, len(NET_ROLES) - 1), min_size=nets, max_size=nets))
    by_name = draw(st.lists(st.integers(0, len(NET_ROLES) - 1), min_size=nets, max_size=nets))
    ports = draw(st.lists(st.booleans(), min_size=nets, max_size=nets))
    return Sample(
        device_type=np.full(devices, 8, dtype=np.int8),
        net_role=np.array(roles, dtype=np.int8),
        net_role_by_name=np.array(by_name, dtype=np.int8),
        net_is_port=np.array(ports),
        edge_device=np.repeat(np.arange(devices, dtype=np.int32), 4),
        edge_net=np.array(edge_net, dtype=np.int32),
        edge_kind=np.tile(np.array(_MOS, dtype=np.int16), devices),
    )


@settings(deadline=None)
@given(samples(), st.data())
def test_the_net_of_a_hidden_pin_does_not_show(sample: Sample, data: st.DataObject) -> None:
    total = len(sample.edge_net)
    pins = np.array(sorted(data.draw(st.sets(st.integers(0, total - 1), min_size=1, max_size=5))))
    elsewhere = data.draw(
        st.lists(st.integers(0, sample.num_nets - 1), min_size=len(pins), max_size=len(pins))
    )
    edge_net = sample.edge_net.copy()
    edge_net[pins] = elsewhere
    before = make_features(make_scene(sample, pins))
    after = make_features(make_scene(replace(sample, edge_net=edge_net), pins))
    for field in fields(before):
        np.testing.assert_array_equal(getattr(before, field.name), getattr(after, field.name))


def test_an_emptied_net_is_proposed_only_if_it_is_a_port(ota_sample: Sample) -> None:
    pin = int(np.flatnonzero(ota_sample.edge_net == _net_of(ota_sample, 5, 1))[0])
    both = np.flatnonzero(ota_sample.edge_net == ota_sample.edge_net[pin])
    scene = make_scene(ota_sample, both)
    assert ota_sample.edge_net[pin] not in scene.pair_net
    ports = np.ones_like(ota_sample.net_is_port)
    scene = make_scene(replace(ota_sample, net_is_port=ports), both)
    assert ota_sample.edge_net[pin] in scene.pair_net


def test_two_pins_of_an_emptied_net_are_right_for_each_other(ota_sample: Sample) -> None:
    tail = np.flatnonzero(ota_sample.edge_net == _net_of(ota_sample, 7, 0))
    scene = make_scene(ota_sample, tail)
    right = right_pairs(scene, ota_sample)
    found = set(zip(scene.pair_query[right].tolist(), scene.pair_net[right].tolist(), strict=True))
    first = ota_sample.num_nets
    assert found == {(a, first + b) for a in range(3) for b in range(3) if a != b}


def test_no_pin_is_offered_its_own_private_net(ota_sample: Sample) -> None:
    scene = make_scene(ota_sample, np.array([3, 9, 12]))
    assert not (scene.pair_net == scene.pair_query + ota_sample.num_nets).any()


def test_scenes_side_by_side_keep_apart(ota_sample: Sample) -> None:
    one, two = make_scene(ota_sample, np.array([9])), make_scene(ota_sample, np.array([3, 12]))
    both = join_scenes([one, two])
    assert both.num_queries == 3
    assert both.num_graphs == 2
    graph_of_query = both.net_graph[both.edge_net[both.query_edge]]
    np.testing.assert_array_equal(graph_of_query, [0, 1, 1])
    np.testing.assert_array_equal(both.net_graph[both.pair_net], graph_of_query[both.pair_query])


def _net_of(sample: Sample, device: int, place: int) -> int:
    return int(sample.edge_net[np.flatnonzero(sample.edge_device == device)[place]])
