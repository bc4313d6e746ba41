"""What the model has to beat: the net with most pins, a loose end, a prior that only counts.

The counted prior knows, from training circuits, how often a pin of some kind is on a net of
some role, degree and set of pins; it ranks by that frequency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.links.scene import join_scenes, make_scene, right_pairs
from eda.links.vocabulary import NET_ROLES, PIN_KINDS

if TYPE_CHECKING:
    from eda.links.sample import Sample
    from eda.links.scene import Scene

_DEGREES: Final = 6
_GROUPS: Final = 4


def highest_degree(scene: Scene) -> NDArray[np.float64]:
    """Score every candidate by the number of pins on it."""
    degree = np.bincount(scene.edge_net, minlength=len(scene.net_role)).astype(np.float64)
    return degree[scene.pair_net]


def loose_end(otherwise: Callable[[Scene], NDArray[np.floating]]) -> Callable[[Scene], Any]:
    """Return the rule "the only other net that is touched once, else" what another scorer says.

    A designer who sees one loose wire and one open pin joins them.
    """

    def scorer(scene: Scene) -> NDArray[np.float64]:
        scores = np.asarray(otherwise(scene), dtype=np.float64)
        degree = np.bincount(scene.edge_net, minlength=len(scene.net_role))
        loose = degree[scene.pair_net] == 1
        count = np.bincount(scene.pair_query, weights=loose, minlength=scene.num_queries)
        only = loose & (count[scene.pair_query] == 1)
        return np.where(only, np.abs(scores).max(initial=0.0) + 1.0, scores)

    return scorer


@dataclass(frozen=True)
class CountedPrior:
    """Smoothed log odds of "this candidate is the right one", from coarse to fine counts.

    Attributes:
        tables: For each level of detail: key -> (times right, times on offer).
        strength: Observations that the coarser level is worth at the next finer one.
    """

    tables: tuple[dict[int, tuple[float, float]], ...]
    strength: float = 8.0

    def __call__(self, scene: Scene) -> NDArray[np.float64]:
        """Score every pair of a scene."""
        levels = _keys(scene)
        estimate = np.full(len(scene.pair_net), 0.05)
        for keys, table in zip(levels, self.tables, strict=True):
            unique, inverse = np.unique(keys, return_inverse=True)
            counts = np.array([table.get(int(key), (0.0, 0.0)) for key in unique]).reshape(-1, 2)
            right, seen = counts[inverse.reshape(-1)].T
            estimate = (right + self.strength * estimate) / (seen + self.strength)
        odds: NDArray[np.float64] = np.log(estimate / (1 - estimate))
        return odds


def count_prior(samples: Iterable[Sample]) -> CountedPrior:
    """Count over training circuits, every pin hidden once."""
    tables: list[dict[int, tuple[float, float]]] = [{}, {}, {}]
    for sample in samples:
        scenes = [make_scene(sample, np.array([edge])) for edge in sample.queries()]
        if not scenes:
            continue
        right = np.concatenate([right_pairs(scene, sample) for scene in scenes])
        for table, keys in zip(tables, _keys(join_scenes(scenes)), strict=True):
            unique, inverse = np.unique(keys, return_inverse=True)
            seen = np.bincount(inverse.reshape(-1))
            hits = np.bincount(inverse.reshape(-1), weights=right)
            for key, hit, count in zip(unique.tolist(), hits.tolist(), seen.tolist(), strict=True):
                old = table.get(key, (0.0, 0.0))
                table[key] = (old[0] + hit, old[1] + count)
    return CountedPrior(tuple(tables))


def _keys(scene: Scene) -> tuple[NDArray[np.int64], ...]:
    """Return the keys of each pair: pin kind and role; with degree; with the pins on the net."""
    num_nets = len(scene.net_role)
    kinds = scene.edge_kind[scene.query_edge].astype(np.int64)[scene.pair_query]
    role = scene.net_role[scene.pair_net].astype(np.int64)
    degree = np.bincount(scene.edge_net, minlength=num_nets)
    bucket = np.minimum(degree, _DEGREES - 1)[scene.pair_net]
    names = [name.rsplit(".", 1)[1] for name in PIN_KINDS]
    group_of = np.array(
        [0 if n == "g" else 1 if n in "ds" else 2 if n in "cbe" else 3 for n in names]
    )
    present = np.zeros(num_nets, dtype=np.int64)
    for group in range(_GROUPS):
        on = group_of[scene.edge_kind] == group
        count = np.minimum(np.bincount(scene.edge_net[on], minlength=num_nets), 2)
        present += count * 3**group
    device = scene.edge_device[scene.query_edge]
    own = np.isin(
        scene.pair_query.astype(np.int64) * num_nets + scene.pair_net,
        _own_nets(scene, device, num_nets),
    )
    coarse = (kinds * len(NET_ROLES) + role) * 2 + own
    middle = coarse * _DEGREES + bucket
    fine = middle * 3**_GROUPS + present[scene.pair_net]
    return coarse, middle, fine


def _own_nets(scene: Scene, device: NDArray[np.int32], num_nets: int) -> NDArray[np.int64]:
    """Return query * nets + net for the nets that each query's device is on already."""
    keys = []
    for query, one in enumerate(device):
        low, high = np.searchsorted(scene.edge_device, (one, one + 1))
        keys.append(query * num_nets + scene.edge_net[low:high].astype(np.int64))
    return np.concatenate(keys) if keys else np.zeros(0, dtype=np.int64)
