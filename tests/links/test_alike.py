"""Classes of pins that are the same question."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eda.links.alike import pin_classes
from eda.links.augment import unite
from eda.links.features import HUB_DEGREE
from eda.links.sample import Sample
from eda.links.scene import make_scene
from eda.links.score import score
from eda.links.vocabulary import LOW, PIN_KINDS
from eda.links.weights import Weights


def test_two_instances_have_the_same_classes_under_any_numbering(ota_sample: Sample) -> None:
    both = unite(ota_sample, ota_sample, _never())
    half = len(ota_sample.edge_net)
    classes = pin_classes(both, rounds=3)
    assert classes[:half].tolist() == classes[half:].tolist()
    order = np.random.default_rng(2).permutation(both.num_nets)
    place = np.argsort(order)
    renumbered = replace(
        both,
        edge_net=place[both.edge_net].astype(np.int32),
        net_role=both.net_role[order],
        net_role_by_name=both.net_role_by_name[order],
        net_is_port=both.net_is_port[order],
    )
    again = pin_classes(renumbered, rounds=3)
    assert [_first(classes)[c] for c in classes] == [_first(again)[c] for c in again]


def test_a_wire_elsewhere_tells_two_instances_apart_within_its_reach(ota_sample: Sample) -> None:
    both = unite(ota_sample, ota_sample, _never())
    half = len(ota_sample.edge_net)
    gate = int(np.flatnonzero(both.edge_kind == PIN_KINDS.index("nmos.g"))[1])
    edge_net = both.edge_net.copy()
    edge_net[gate] = both.edge_net[gate + 1]
    changed = pin_classes(replace(both, edge_net=edge_net), rounds=3)
    assert changed[gate] != changed[gate + half]


def test_one_class_means_one_answer(ota_sample: Sample, random_model: Weights) -> None:
    both = unite(ota_sample, ota_sample, _never())
    half = len(ota_sample.edge_net)
    classes = pin_classes(both, rounds=random_model.shape.layers)
    for edge in (9, 16, 21):
        assert classes[edge] == classes[edge + half]
        one, none = score([random_model], make_scene(both, np.array([edge])))
        two, none_two = score([random_model], make_scene(both, np.array([edge + half])))
        np.testing.assert_allclose(np.sort(one), np.sort(two), atol=1e-6)
        np.testing.assert_allclose(none, none_two, atol=1e-6)


def test_nothing_is_seen_across_a_hub() -> None:
    # Resistors from a common net to one net each; the last of these goes on to a capacitor.
    count = HUB_DEGREE + 10
    resistor = PIN_KINDS.index("resistor.t")
    capacitor = PIN_KINDS.index("capacitor.t")
    own = np.stack((np.zeros(count, int), np.arange(1, count + 1)), axis=1).reshape(-1)
    role = np.zeros(count + 2, dtype=np.int8)
    role[-1] = LOW
    sample = Sample(
        device_type=np.array([1] * count + [2], dtype=np.int8),
        net_role=role,
        net_role_by_name=role,
        net_is_port=np.zeros(count + 2, dtype=np.bool_),
        edge_device=np.repeat(np.arange(count + 1, dtype=np.int32), 2),
        edge_net=np.append(own, (count, count + 1)).astype(np.int32),
        edge_kind=np.array([resistor] * (2 * count) + [capacitor] * 2, dtype=np.int16),
    )
    classes = pin_classes(sample, rounds=4)
    # All resistors but the last look alike, and their two ends differ.
    assert len(np.unique(classes[: 2 * (count - 1)])) == 2
    assert classes[2 * count - 1] not in classes[: 2 * (count - 1)]


def test_no_pins_no_classes() -> None:
    nothing = np.zeros(0, dtype=np.int8)
    sample = Sample(
        *(nothing, nothing, nothing, nothing.astype(np.bool_)),
        *(nothing.astype(np.int32), nothing.astype(np.int32), nothing.astype(np.int16)),
    )
    assert pin_classes(sample, rounds=3).tolist() == []


def _first(classes: np.ndarray) -> dict[int, int]:
    """Where each class appears first: classes without their numbers."""
    values, where = np.unique(classes, return_index=True)
    return dict(zip(values.tolist(), where.tolist(), strict=True))


class _Never(np.random.Generator):
    def random(self, *_: object, **__: object) -> float:  # type: ignore[override]
        return 1.0


def _never() -> np.random.Generator:
    """A generator under which no outputs and inputs are joined."""
    return _Never(np.random.PCG64(0))
