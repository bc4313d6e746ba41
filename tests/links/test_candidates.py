"""Candidates in a circuit with too many nets to weigh them all."""

from __future__ import annotations

import numpy as np
import pytest

from eda.links.candidates import Candidates, candidate_pairs
from eda.links.sample import Sample
from eda.links.vocabulary import HIGH, LOW, PIN_KINDS


@pytest.fixture
def chain() -> Sample:
    """A long chain of inverters: net k drives net k + 1; nets 0 and 1 are the rails."""
    count = 3_000
    stages = np.arange(count)
    nets = np.stack(
        (
            *(stages + 3, stages + 2, np.zeros(count, int), np.zeros(count, int)),
            *(stages + 3, stages + 2, np.ones(count, int), np.ones(count, int)),
        ),
        axis=1,
    )
    kinds = [PIN_KINDS.index(f"{kind}.{pin}") for kind in ("nmos", "pmos") for pin in "dgsb"]
    role = np.zeros(count + 3, dtype=np.int8)
    role[:2] = LOW, HIGH
    return Sample(
        device_type=np.tile(np.array([8, 9], dtype=np.int8), count),
        net_role=role,
        net_role_by_name=role,
        net_is_port=np.zeros(count + 3, dtype=np.bool_),
        edge_device=np.repeat(np.arange(2 * count, dtype=np.int32), 4),
        edge_net=nets.reshape(-1).astype(np.int32),
        edge_kind=np.tile(np.array(kinds, dtype=np.int16), count),
    )


def test_rails_neighbours_and_loose_ends_are_candidates(chain: Sample) -> None:
    pin = 8 * 1000 + 1
    query, net = candidate_pairs(chain, np.array([pin]))
    assert set(query.tolist()) == {0}
    # The drain net, the nets up to two steps away, both rails, the loose end of the chain.
    assert {0, 1, 1002, 1003, 1004, 1005} <= set(net.tolist())
    assert len(net) < 20
    assert chain.num_nets not in net.tolist()


def test_each_pin_has_its_own_candidates(chain: Sample) -> None:
    pins = np.array([8 * 100 + 1, 8 * 2000 + 1])
    query, net = candidate_pairs(chain, pins)
    assert 2004 not in net[query == 0].tolist()
    assert 2004 in net[query == 1].tolist()
    assert (np.diff(query) >= 0).all()


def test_some_pins_at_a_time_get_what_all_together_get(chain: Sample) -> None:
    pins = np.array([8 * 100 + 1, 8 * 2000 + 1, 8 * 2001])
    query, net = candidate_pairs(chain, pins)
    finder = Candidates(chain, pins)
    for place in range(3):
        only, found = finder.pairs(np.array([place]))
        assert set(only.tolist()) == {0}
        assert found.tolist() == net[query == place].tolist()


def test_a_net_far_away_can_be_made_a_candidate(chain: Sample) -> None:
    pins = np.array([8 * 100 + 1, 8 * 2000 + 1])
    query, net = Candidates(chain, pins).pairs(np.arange(2), also=np.array([900, 901]))
    assert 900 in net[query == 0].tolist()
    assert 900 not in net[query == 1].tolist()
    assert 901 in net[query == 1].tolist()


def test_some_pins_of_a_small_circuit(ota_sample: Sample) -> None:
    pins = np.array([3, 9, 20])
    query, net = candidate_pairs(ota_sample, pins)
    only, found = Candidates(ota_sample, pins).pairs(np.array([1, 2]))
    assert found[only == 0].tolist() == net[query == 1].tolist()
    assert found[only == 1].tolist() == net[query == 2].tolist()


def test_in_a_small_circuit_every_net_is_one(ota_sample: Sample) -> None:
    _, net = candidate_pairs(ota_sample, np.array([9]))
    assert sorted(net.tolist()) == list(range(ota_sample.num_nets))
