"""Scene: a circuit with some pins open, ready for the model; and batches of scenes.

An open pin is put on a private net that nothing else touches. What net it came from leaves no
trace: that is the whole protection against scoring well by seeing the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from eda.links.vocabulary import BULKS, PIN_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.links.sample import Sample

_ROLE_GIVERS: Final = (*BULKS, PIN_KINDS.index("vsource.p"), PIN_KINDS.index("vsource.n"))
"""Pins from which the role of a net can be told: when one is hidden, only names may speak."""


@dataclass(frozen=True)
class Scene:
    """One circuit, or several side by side, with open pins.

    The first nets are those of the circuit, the private nets of the open pins follow
    (in a batch: per circuit).

    Attributes:
        device_type: int8 [devices].
        device_graph: int32 [devices], which circuit of the batch.
        net_role: int8 [nets].
        net_is_port: bool [nets].
        net_is_open: bool [nets], whether it is the private net of an open pin.
        net_graph: int32 [nets], which circuit of the batch.
        edge_device: int32 [pins].
        edge_net: int32 [pins].
        edge_kind: int16 [pins].
        query_edge: int32 [queries], the open pins, as indices of edges.
        pair_query: int32 [pairs], ascending: which query.
        pair_net: int32 [pairs], a candidate net of that query.
        num_graphs: Circuits in the batch.
    """

    device_type: NDArray[np.int8]
    device_graph: NDArray[np.int32]
    net_role: NDArray[np.int8]
    net_is_port: NDArray[np.bool_]
    net_is_open: NDArray[np.bool_]
    net_graph: NDArray[np.int32]
    edge_device: NDArray[np.int32]
    edge_net: NDArray[np.int32]
    edge_kind: NDArray[np.int16]
    query_edge: NDArray[np.int32]
    pair_query: NDArray[np.int32]
    pair_net: NDArray[np.int32]
    num_graphs: int = 1

    @property
    def num_queries(self) -> int:
        """Number of open pins."""
        return len(self.query_edge)


def make_scene(
    sample: Sample,
    pins: NDArray[np.integer],
    *,
    pairs: tuple[NDArray[np.integer], NDArray[np.integer]] | None = None,
) -> Scene:
    """Return the circuit with these pins open.

    Candidates of each pin are all nets that something still touches or that are ports, and the
    private nets of the other open pins (two open pins may belong together).

    Args:
        sample: The circuit.
        pins: Indices of the pins to open.
        pairs: The candidates to weigh instead: which pin (a position in ``pins``, ascending),
            and which net (private nets follow the others, in the order of ``pins``).
    """
    count = len(pins)
    num_nets = sample.num_nets
    edge_net = opened(sample, pins)
    tells = bool(np.isin(sample.edge_kind[pins], _ROLE_GIVERS).any())
    role = sample.net_role_by_name if tells else sample.net_role
    private = np.zeros(count, dtype=np.int8)
    pair_query, pair_net = all_pairs(sample, edge_net, count) if pairs is None else pairs
    return Scene(
        device_type=sample.device_type,
        device_graph=np.zeros(sample.num_devices, dtype=np.int32),
        net_role=np.concatenate((role, private)),
        net_is_port=np.concatenate((sample.net_is_port, private.astype(np.bool_))),
        net_is_open=np.arange(num_nets + count) >= num_nets,
        net_graph=np.zeros(num_nets + count, dtype=np.int32),
        edge_device=sample.edge_device,
        edge_net=edge_net,
        edge_kind=sample.edge_kind,
        query_edge=np.asarray(pins, dtype=np.int32),
        pair_query=np.asarray(pair_query, dtype=np.int32),
        pair_net=np.asarray(pair_net, dtype=np.int32),
    )


def opened(sample: Sample, pins: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return the net of every pin once these pins are on private nets."""
    edge_net = sample.edge_net.copy()
    edge_net[pins] = np.arange(sample.num_nets, sample.num_nets + len(pins), dtype=np.int32)
    return edge_net


def proposable(sample: Sample, edge_net: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return for each net of the sample whether it may be proposed: not left empty, or a port."""
    degree = np.bincount(edge_net, minlength=sample.num_nets)[: sample.num_nets]
    return (degree > 0) | sample.net_is_port


def all_pairs(
    sample: Sample, edge_net: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return every pair of an open pin and a net it might belong on."""
    num_nets = sample.num_nets
    nets = np.concatenate(
        (
            np.flatnonzero(proposable(sample, edge_net)),
            np.arange(num_nets, num_nets + count),
        )
    )
    pair_query = np.repeat(np.arange(count, dtype=np.int32), len(nets))
    pair_net = np.tile(nets.astype(np.int32), count)
    other = pair_net != pair_query + num_nets
    return pair_query[other], pair_net[other]


def right_pairs(scene: Scene, sample: Sample) -> NDArray[np.bool_]:
    """Return for each pair of a scene whether it restores the sample (one circuit only).

    Where the true net is still there, it is the only right answer; where all its pins are open,
    the private net of any other of them is right. A query without a right pair belongs to none.
    """
    num_nets = sample.num_nets
    truth = sample.edge_net[scene.query_edge]
    wanted = truth[scene.pair_query]
    right = scene.pair_net == wanted
    left = np.zeros(scene.num_queries, dtype=np.bool_)
    left[scene.pair_query[right]] = True
    private = scene.pair_net >= num_nets
    holder = np.where(private, scene.pair_net - num_nets, 0)
    together = private & (truth[holder] == wanted) & ~left[scene.pair_query]
    both: NDArray[np.bool_] = right | together
    return both


def join_scenes(scenes: Sequence[Scene]) -> Scene:
    """Return several scenes as one, side by side."""
    nets = _offsets([len(scene.net_role) for scene in scenes])
    devices = _offsets([len(scene.device_type) for scene in scenes])
    edges = _offsets([len(scene.edge_net) for scene in scenes])
    queries = _offsets([scene.num_queries for scene in scenes])
    graphs = _offsets([scene.num_graphs for scene in scenes])

    def shifted(name: str, by: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.concatenate(
            [getattr(scene, name) + shift for scene, shift in zip(scenes, by, strict=True)]
        )

    return Scene(
        device_type=np.concatenate([scene.device_type for scene in scenes]),
        device_graph=shifted("device_graph", graphs),
        net_role=np.concatenate([scene.net_role for scene in scenes]),
        net_is_port=np.concatenate([scene.net_is_port for scene in scenes]),
        net_is_open=np.concatenate([scene.net_is_open for scene in scenes]),
        net_graph=shifted("net_graph", graphs),
        edge_device=shifted("edge_device", devices),
        edge_net=shifted("edge_net", nets),
        edge_kind=np.concatenate([scene.edge_kind for scene in scenes]),
        query_edge=shifted("query_edge", edges),
        pair_query=shifted("pair_query", queries),
        pair_net=shifted("pair_net", nets),
        num_graphs=sum(scene.num_graphs for scene in scenes),
    )


def _offsets(sizes: Sequence[int]) -> NDArray[np.int32]:
    return np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
