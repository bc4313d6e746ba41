"""Features: the arrays both forms of the model (torch and NumPy) take, made from a scene."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import numpy as np

from eda.links.vocabulary import PIN_KINDS, RAILS

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.links.scene import Scene

ArrayT = TypeVar("ArrayT")

HUB_DEGREE: Final = 64
"""A net with more pins than this does not relay messages."""
DEGREE_CAP: Final = 16
COUNT_CAP: Final = 64
MAX_TWINS: Final = 256


@dataclass(frozen=True)
class Features(Generic[ArrayT]):
    """What the model looks at; integer arrays are int64, the others float32 or bool.

    Attributes:
        net_counts: float [nets, kinds + 4]: log of 1 + the number of pins of each kind, then
            log degree (capped), port flag, private flag, hub flag.
        net_relays: bool [nets].
        net_scale: float [nets], by which the sum of messages to a net is multiplied.
        graph_devices: float [graphs], number of devices of each circuit, at least 1.
        graph_counts: float [graphs, 4]: log of 1 + the number (capped) of open pins, of loose
            ends (nets on one pin that are neither ports nor of a known role), of nets that are
            ports or of a known role, and of devices.
        shared_pair: int [shared], pairs whose net the query's device already touches ...
        shared_kind: int [shared], ... and the kind of pin by which it does.
        twin_query: int [twins], ascending: for each query the pins of its kind elsewhere ...
        twin_device: int [twins], ... their devices ...
        twin_net: int [twins], ... and their nets.
    """

    device_type: ArrayT
    device_graph: ArrayT
    net_role: ArrayT
    net_graph: ArrayT
    net_counts: ArrayT
    net_relays: ArrayT
    net_scale: ArrayT
    graph_devices: ArrayT
    graph_counts: ArrayT
    edge_device: ArrayT
    edge_net: ArrayT
    edge_kind: ArrayT
    query_device: ArrayT
    query_net: ArrayT
    query_kind: ArrayT
    pair_query: ArrayT
    pair_net: ArrayT
    shared_pair: ArrayT
    shared_kind: ArrayT
    twin_query: ArrayT
    twin_device: ArrayT
    twin_net: ArrayT

    def map(self, function: Callable[[ArrayT], Any]) -> Features[Any]:
        """Return the features with a function applied to each array."""
        return Features(**{f.name: function(getattr(self, f.name)) for f in fields(self)})


def make_features(scene: Scene) -> Features[np.ndarray[Any, Any]]:
    """Return the features of a scene."""
    return ask_features(circuit_features(scene), scene, twin_table(scene))


def circuit_features(scene: Scene) -> Features[np.ndarray[Any, Any]]:
    """Return the features of a scene's circuits; of its questions there are none yet."""
    num_nets = len(scene.net_role)
    kinds = len(PIN_KINDS)
    edge_net = scene.edge_net.astype(np.int64)
    edge_kind = scene.edge_kind.astype(np.int64)
    counts = np.bincount(edge_net * kinds + edge_kind, minlength=num_nets * kinds)
    counts = counts.reshape(num_nets, kinds)
    degree = counts.sum(axis=1)
    table = np.empty((num_nets, kinds + 4), dtype=np.float32)
    np.log1p(np.minimum(counts, DEGREE_CAP), out=table[:, :kinds], dtype=np.float32)
    table[:, kinds] = np.log1p(np.minimum(degree, DEGREE_CAP))
    table[:, kinds + 1] = scene.net_is_port
    table[:, kinds + 2] = scene.net_is_open
    table[:, kinds + 3] = degree > HUB_DEGREE
    relays = ~np.isin(scene.net_role, RAILS) & (degree <= HUB_DEGREE)
    nothing = np.zeros(0, dtype=np.int64)
    return Features(
        device_type=scene.device_type.astype(np.int64),
        device_graph=scene.device_graph.astype(np.int64),
        net_role=scene.net_role.astype(np.int64),
        net_graph=scene.net_graph.astype(np.int64),
        net_counts=table,
        net_relays=relays,
        net_scale=(1.0 / np.sqrt(np.maximum(degree, 1))).astype(np.float32),
        graph_devices=np.maximum(
            np.bincount(scene.device_graph, minlength=scene.num_graphs), 1
        ).astype(np.float32),
        graph_counts=_graph_counts(scene, degree),
        edge_device=scene.edge_device.astype(np.int64),
        edge_net=edge_net,
        edge_kind=edge_kind,
        query_device=nothing,
        query_net=nothing,
        query_kind=nothing,
        pair_query=nothing,
        pair_net=nothing,
        shared_pair=nothing,
        shared_kind=nothing,
        twin_query=nothing,
        twin_device=nothing,
        twin_net=nothing,
    )


def ask_features(
    features: Features[np.ndarray[Any, Any]], scene: Scene, table: TwinTable
) -> Features[np.ndarray[Any, Any]]:
    """Return the features of a circuit with the questions of a scene of it.

    Args:
        features: As `circuit_features` made them of this scene or one with other questions.
        scene: The questions; its open pins are the same.
        table: As `twin_table` made it of either scene.
    """
    query_edge = scene.query_edge.astype(np.int64)
    pair_query = scene.pair_query.astype(np.int64)
    pair_net = scene.pair_net.astype(np.int64)
    shared_pair, shared_kind = _shared(scene, query_edge, pair_query, pair_net)
    twin_query, twin_edge = _twins(scene, query_edge, table)
    return replace(
        features,
        query_device=features.edge_device[query_edge],
        query_net=features.edge_net[query_edge],
        query_kind=features.edge_kind[query_edge],
        pair_query=pair_query,
        pair_net=pair_net,
        shared_pair=shared_pair,
        shared_kind=shared_kind,
        twin_query=twin_query,
        twin_device=features.edge_device[twin_edge],
        twin_net=features.edge_net[twin_edge],
    )


def _graph_counts(scene: Scene, degree: Any) -> Any:
    """Count what tells how much is missing from each circuit."""
    known = scene.net_is_port | (scene.net_role > 0)
    loose = (degree == 1) & ~known & ~scene.net_is_open
    columns = [
        np.bincount(scene.net_graph, weights=flag, minlength=scene.num_graphs)
        for flag in (scene.net_is_open, loose, known)
    ]
    columns.append(np.bincount(scene.device_graph, minlength=scene.num_graphs).astype(np.float64))
    return np.log1p(np.minimum(np.stack(columns, axis=1), COUNT_CAP)).astype(np.float32)


TwinTable = tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]
"""The closed pins by circuit and kind: their numbers, and what they are ordered by."""


def twin_table(scene: Scene) -> TwinTable:
    """Return the pins of a scene that are not open, ordered by circuit and kind."""
    kinds = len(PIN_KINDS)
    graph = scene.device_graph[scene.edge_device].astype(np.int64)
    key = graph * kinds + scene.edge_kind
    closed = np.flatnonzero(~scene.net_is_open[scene.edge_net])
    order = closed[np.argsort(key[closed], kind="stable")]
    return order, key[order]


def _twins(scene: Scene, query_edge: Any, table: TwinTable) -> tuple[Any, Any]:
    """Find for each query the pins of the same kind in its circuit, open ones left out."""
    order, ordered = table
    graph = scene.device_graph[scene.edge_device[query_edge]].astype(np.int64)
    asked = graph * len(PIN_KINDS) + scene.edge_kind[query_edge]
    start = np.searchsorted(ordered, asked, side="left")
    size = np.minimum(np.searchsorted(ordered, asked, side="right") - start, MAX_TWINS)
    query = np.repeat(np.arange(len(query_edge), dtype=np.int64), size)
    within = np.arange(len(query)) - np.repeat(np.cumsum(size) - size, size)
    return query, order[np.repeat(start, size) + within]


def _shared(scene: Scene, query_edge: Any, pair_query: Any, pair_net: Any) -> tuple[Any, Any]:
    """Find the pairs whose net the query's own device already touches, and by which pins."""
    num_nets = len(scene.net_role)
    num_queries = len(query_edge)
    devices = scene.edge_device[query_edge]
    # The pins of a device are consecutive, so each query has one range of edges.
    start = np.searchsorted(scene.edge_device, devices, side="left")
    size = np.searchsorted(scene.edge_device, devices, side="right") - start
    query = np.repeat(np.arange(num_queries, dtype=np.int64), size)
    within = np.arange(len(query)) - np.repeat(np.cumsum(size) - size, size)
    edge = np.repeat(start, size) + within
    own = query * num_nets + scene.edge_net[edge]
    keys = pair_query * num_nets + pair_net
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys, own, sorter=order)
    at = np.minimum(at, max(len(keys) - 1, 0))
    pair = order[at] if len(keys) else np.zeros(len(own), dtype=np.int64)
    found = (keys[pair] == own) if len(keys) else np.zeros(len(own), dtype=np.bool_)
    return pair[found].astype(np.int64), scene.edge_kind[edge][found].astype(np.int64)
