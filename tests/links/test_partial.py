"""Partly drawn circuits: what is taken out, and that the pin left alone belongs on no net."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eda.links.augment import Augmentation, choose_pins
from eda.links.partial import LEAST_DEVICES, MOST_TAKEN, lonely_pins, take_partners
from eda.links.sample import Sample
from eda.links.scene import make_scene, right_pairs


@pytest.mark.parametrize("seed", range(30))
def test_devices_go_and_the_nets_they_leave_are_no_ports(ota_sample: Sample, seed: int) -> None:
    rest = take_partners(ota_sample, np.random.default_rng(seed))
    lost = ota_sample.num_devices - rest.num_devices
    assert 1 <= lost <= max(1, int(MOST_TAKEN * ota_sample.num_devices))
    assert rest.net_is_port.sum() <= ota_sample.net_is_port.sum()
    assert (rest.net_degree > 0).all()
    assert (np.diff(rest.edge_device) >= 0).all()


@pytest.mark.parametrize("seed", range(30))
def test_a_pin_left_alone_belongs_on_no_net(ota_sample: Sample, seed: int) -> None:
    rng = np.random.default_rng(seed)
    unported = replace(ota_sample, net_is_port=np.zeros_like(ota_sample.net_is_port))
    rest = take_partners(unported, rng)
    alone = lonely_pins(rest)
    chosen = choose_pins(rest, Augmentation(several=0.0), rng, lonely=True)
    if not len(alone):
        assert len(chosen) == 1
        return
    assert np.isin(chosen, alone).all()
    scene = make_scene(rest, chosen)
    assert not right_pairs(scene, rest).any()
    # Its old net is no candidate either: nothing is on it any more.
    assert not np.isin(scene.pair_net, rest.edge_net[chosen]).any()


def test_some_seed_leaves_a_pin_alone(ota_sample: Sample) -> None:
    unported = replace(ota_sample, net_is_port=np.zeros_like(ota_sample.net_is_port))
    left = [len(lonely_pins(take_partners(unported, np.random.default_rng(s)))) for s in range(30)]
    assert max(left) > 0


def test_a_small_circuit_stays_whole(ota_sample: Sample) -> None:
    kept = ota_sample.edge_device < LEAST_DEVICES - 1
    small = replace(
        ota_sample,
        device_type=ota_sample.device_type[: LEAST_DEVICES - 1],
        edge_device=ota_sample.edge_device[kept],
        edge_net=ota_sample.edge_net[kept],
        edge_kind=ota_sample.edge_kind[kept],
    )
    assert take_partners(small, np.random.default_rng(0)) is small
