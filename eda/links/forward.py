"""The model in NumPy: what inference runs. `eda.links.network` is the same in torch."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.links.features import Features
    from eda.links.weights import Weights

Array = NDArray[np.float32]

_SPARSE_FROM: Final = 20_000
"""From so many pins on, sums go through scipy's sparse product, which is worth its import."""
_PAIRS_AT_ONCE: Final = 8_192
_FOLD_FROM: Final = 48
"""From so many candidates per query on, what each layer does to a candidate is worked out for the
query first: one product for each candidate in the place of three."""
_SHARE_FROM: Final = 4
"""From so many queries with the same twins on, these are looked at once for all of them."""
_MESSAGE_BYTES: Final = 256 * 1024 * 1024
"""Messages held at once; where there are more, some columns of the states go at a time."""
_ROWS_AT_ONCE: Final = 8_192
"""Rows worked on while they are in the cache."""
_EPSILON: Final = 1e-5


def forward(weights: Weights, data: Features[NDArray[Any]]) -> tuple[Array, Array]:
    """Return (pair_logits [pairs], none_logits [queries]), not yet divided by temperature."""
    return decode(weights, encode(weights, data), data)


def decode(
    weights: Weights, states: tuple[Array, Array], data: Features[NDArray[Any]]
) -> tuple[Array, Array]:
    """Return the logits that `forward` returns, from states that `encode` has made.

    Args:
        weights: The model.
        states: Of devices and nets.
        data: The questions; of the circuit's own arrays none is looked at.
    """
    w = weights.arrays
    devices, nets = states
    query = _norm(
        np.concatenate((devices[data.query_device], nets[data.query_net]), axis=1),
        w,
        "query_norm",
    )
    base = _linear(query, w, "query_in") + w["query_kind.weight"][data.query_kind]
    gate = _linear(query, w, "query_gate")
    like = _twins(w, devices, nets, query, data) if weights.shape.twins else None
    # A candidate is normed where it is used: a large circuit has many nets that are none.
    used, place = np.unique(data.pair_net, return_inverse=True)
    place = place.reshape(-1)
    offered = _norm(nets[used], w, "net_norm")
    total = len(data.pair_net)
    fold = total >= _FOLD_FROM * len(query)
    entering = (_entering_folded if fold else _entering)(w, offered, base, gate, like)
    shared = _SharedKinds(w["shared_kind.weight"], data)
    logits = np.empty(total, dtype=np.float32)
    for start in range(0, total, _PAIRS_AT_ONCE):
        stop = min(start + _PAIRS_AT_ONCE, total)
        hidden = entering(place[start:stop], data.pair_query[start:stop])
        shared.add_to(hidden, start, stop)
        np.maximum(hidden, 0, out=hidden)
        hidden = _linear(hidden, w, "hidden")
        np.maximum(hidden, 0, out=hidden)
        logits[start:stop] = _linear(hidden, w, "out")[:, 0]
    none = np.maximum(_linear(np.maximum(base, 0), w, "none_hidden"), 0)
    return logits, _linear(none, w, "none_out")[:, 0]


_Entering = Callable[[NDArray[np.int64], NDArray[np.int64]], Array]
"""From candidates (rows of ``offered``) and their queries to what enters the hidden layer."""


def _entering(
    w: Mapping[str, Array], offered: Array, base: Array, gate: Array, like: Array | None
) -> _Entering:
    """Return what enters the hidden layer for any pairs, each by itself."""
    net_part = offered @ w["net_in.weight"].T
    product = w["product_in.weight"].T

    def enter(net: NDArray[np.int64], asked: NDArray[np.int64]) -> Array:
        state: Array = offered[net]
        gated: Array = np.multiply(state, gate[asked])
        hidden: Array = gated @ product
        hidden += base[asked]
        hidden += net_part[net]
        if like is not None:
            state *= like[asked]
            hidden += state @ w["twin_in.weight"].T
        return hidden

    return enter


def _entering_folded(
    w: Mapping[str, Array], offered: Array, base: Array, gate: Array, like: Array | None
) -> _Entering:
    """Return the same, with one matrix per query: ``state * a @ A + state @ B`` is one product."""
    plain = np.ascontiguousarray(w["net_in.weight"].T)
    product = np.ascontiguousarray(w["product_in.weight"].T)
    twin = np.ascontiguousarray(w["twin_in.weight"].T) if like is not None else None
    matrix, part = np.empty_like(plain), np.empty_like(plain)

    def enter(net: NDArray[np.int64], asked: NDArray[np.int64]) -> Array:
        state = offered[net]
        hidden = np.empty((len(net), plain.shape[1]), dtype=np.float32)
        bounds = np.append(np.flatnonzero(np.diff(asked, prepend=-1)), len(asked)).tolist()
        for low, high in pairwise(bounds):
            query = asked[low]
            np.multiply(product, gate[query][:, None], out=matrix)
            np.add(matrix, plain, out=matrix)
            if twin is not None and like is not None:
                np.multiply(twin, like[query][:, None], out=part)
                np.add(matrix, part, out=matrix)
            rows = hidden[low:high]
            np.matmul(state[low:high], matrix, out=rows)
            np.add(rows, base[query], out=rows)
        return hidden

    return enter


class _SharedKinds:
    """What the pins by which a device is on a candidate already add to its hidden layer."""

    def __init__(self, table: Array, data: Features[NDArray[Any]]) -> None:
        order = np.argsort(data.shared_pair, kind="stable")
        ordered = data.shared_pair[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        self._pair = ordered[starts]
        rows = table[data.shared_kind[order]]
        self._sums = np.add.reduceat(rows, starts, axis=0) if len(starts) else rows

    def add_to(self, hidden: Array, start: int, stop: int) -> None:
        low, high = np.searchsorted(self._pair, (start, stop))
        hidden[self._pair[low:high] - start] += self._sums[low:high]


def _twins(
    w: Mapping[str, Array],
    devices: Array,
    nets: Array,
    query: Array,
    data: Features[NDArray[Any]],
) -> Array:
    """Return for each query what a net looks like that a pin of its kind is on elsewhere."""
    asks = _linear(query, w, "twin_asks")
    total = np.full(len(query), 1e-6, dtype=np.float32)
    like = np.zeros((len(query), nets.shape[1]), dtype=np.float32)
    starts = np.flatnonzero(np.diff(data.twin_query, prepend=-1))
    asked = data.twin_query[starts]
    # Queries of one kind in one circuit have the same twins.
    family = data.query_kind[asked] * len(devices) + data.twin_device[starts]
    families, member = np.unique(family, return_inverse=True)
    scale = np.float32(1.0 / np.sqrt(asks.shape[1]))
    if len(asked) > _SHARE_FROM * len(families):
        ends = np.append(starts[1:], len(data.twin_query))
        by_family = np.argsort(member.reshape(-1), kind="stable")
        for members in np.split(by_family, np.flatnonzero(np.diff(member[by_family])) + 1):
            rows = asked[members]
            pool = slice(starts[members[0]], ends[members[0]])
            twin = _norm(devices[data.twin_device[pool]], w, "twin_norm")
            match = asks[rows] @ _linear(twin, w, "twin_key").T
            match *= scale
            np.exp(np.minimum(match, 20.0, out=match), out=match)
            total[rows] += match.sum(axis=1)
            seen = _norm(nets[data.twin_net[pool]], w, "net_norm")
            like[rows] = match @ seen
    elif len(starts):
        used, place = np.unique(data.twin_device, return_inverse=True)
        key = _linear(_norm(devices[used], w, "twin_norm"), w, "twin_key")[place.reshape(-1)]
        match = np.einsum("ij,ij->i", asks[data.twin_query], key) * scale
        weight = np.exp(np.minimum(match, 20.0)).astype(np.float32)
        total[asked] += np.add.reduceat(weight, starts)
        used, place = np.unique(data.twin_net, return_inverse=True)
        seen = _norm(nets[used], w, "net_norm")[place.reshape(-1)]
        like[asked] = np.add.reduceat(seen * weight[:, None], starts, axis=0)
    return _linear(like / total[:, None], w, "twin_like")


def encode(weights: Weights, data: Features[NDArray[Any]]) -> tuple[Array, Array]:
    """Return the states of devices and nets after all rounds of messages."""
    w, shape = weights.arrays, weights.shape
    width = shape.width
    devices = w["device_type.weight"][data.device_type]
    first = w["net_role.weight"][data.net_role] + _linear(data.net_counts, w, "net_counts")
    nets = first
    context = _linear(data.graph_counts, w, "graph_counts")
    to_devices = _Messages(data.edge_net, data.edge_device, data.edge_kind, len(nets), len(devices))
    to_nets = _Messages(data.edge_device, data.edge_net, data.edge_kind, len(devices), len(nets))
    silent = np.flatnonzero(~data.net_relays)
    one_graph = len(data.graph_devices) == 1
    for number in range(shape.layers):
        name = f"layers.{number}."
        own_nets = _norm(nets, w, f"{name}net_norm")
        sent = own_nets.copy()
        sent[silent] = _norm(first[silent], w, f"{name}net_norm")
        heard = to_devices.sum(
            sent,
            w[f"{name}to_device_gate.weight"],
            w[f"{name}to_device_shift.weight"],
        )
        world = context + _mean(devices, data.device_graph, data.graph_devices)
        group = None if one_graph else data.device_graph
        own = _norm(devices, w, f"{name}device_norm")
        devices = devices + _update(own, heard, world, group, w, f"{name}device", width)
        heard = to_nets.sum(
            _norm(devices, w, f"{name}device_norm"),
            w[f"{name}to_net_gate.weight"],
            w[f"{name}to_net_shift.weight"],
        )
        heard *= data.net_scale[:, None]
        group = None if one_graph else data.net_graph
        nets = nets + _update(own_nets, heard, world, group, w, f"{name}net", width)
    return devices, nets


class _Messages:
    """The sums of messages from one side of the graph to the other.

    A message depends on its source and the kind of pin alone, so edges that share both share
    one message; the messages stand in order of kind, so that gate and shift are one row for a
    whole run of them.
    """

    def __init__(
        self,
        source: NDArray[np.int64],
        target: NDArray[np.int64],
        kind: NDArray[np.int64],
        num_sources: int,
        num_targets: int,
    ) -> None:
        distinct, place = np.unique(kind * num_sources + source, return_inverse=True)
        place = place.reshape(-1)
        self._source = distinct % num_sources if len(distinct) else distinct
        self._kinds, self._starts = np.unique(
            distinct // num_sources if len(distinct) else distinct, return_index=True
        )
        self._stops = np.append(self._starts[1:], len(distinct))
        by_target = np.argsort(target, kind="stable")
        self._num_targets = num_targets
        self._matrix: Any = None
        if len(source) >= _SPARSE_FROM:
            from scipy.sparse import csr_array

            ends = np.bincount(target, minlength=num_targets).cumsum()
            self._matrix = csr_array(
                (
                    np.ones(len(source), dtype=np.float32),
                    place[by_target].astype(np.int32),
                    np.concatenate(([0], ends)).astype(np.int32),
                ),
                shape=(num_targets, len(distinct)),
            )
        else:
            self._order = place[by_target]
            self._targets, self._runs = np.unique(target[by_target], return_index=True)

    def sum(self, state: Array, gate: Array, shift: Array) -> Array:
        """Return for each target the sum of ``relu(state * gate + shift)`` over its edges."""
        width = state.shape[1]
        columns = max(8, _MESSAGE_BYTES // (4 * max(1, len(self._source))))
        if columns >= width:
            return self._sum(state, gate, shift)
        heard = np.empty((self._num_targets, width), dtype=np.float32)
        for low in range(0, width, columns):
            some = slice(low, low + columns)
            # Contiguous: np.take would copy all of a strided array for each run of rows.
            part = np.ascontiguousarray(state[:, some])
            heard[:, some] = self._sum(part, gate[:, some], shift[:, some])
        return heard

    def _sum(self, state: Array, gate: Array, shift: Array) -> Array:
        message = np.empty((len(self._source), state.shape[1]), dtype=np.float32)
        for kind, start, stop in zip(self._kinds, self._starts, self._stops, strict=True):
            for low in range(start, stop, _ROWS_AT_ONCE):
                high = min(low + _ROWS_AT_ONCE, stop)
                part = message[low:high]
                # "clip" because "raise" would copy through a buffer; the indices are ours.
                np.take(state, self._source[low:high], axis=0, out=part, mode="clip")
                part *= gate[kind]
                part += shift[kind]
                np.maximum(part, 0, out=part)
        if self._matrix is not None:
            heard: Array = self._matrix @ message
            return heard
        heard = np.zeros((self._num_targets, state.shape[1]), dtype=np.float32)
        if len(self._runs):
            heard[self._targets] = np.add.reduceat(message[self._order], self._runs, axis=0)
        return heard


def _update(
    own: Array,
    heard: Array,
    world: Array,
    group: NDArray[np.int64] | None,
    w: Mapping[str, Array],
    name: str,
    width: int,
) -> Array:
    """Return what an update adds to the states: one hidden layer on state, messages and mean."""
    matrix = w[f"{name}_in.weight"].T
    common = world @ matrix[2 * width :] + w[f"{name}_in.bias"]
    result = np.empty_like(own)
    for low in range(0, len(own), _ROWS_AT_ONCE):
        rows = slice(low, low + _ROWS_AT_ONCE)
        inner = own[rows] @ matrix[:width]
        inner += heard[rows] @ matrix[width : 2 * width]
        inner += common[0] if group is None else common[group[rows]]
        np.maximum(inner, 0, out=inner)
        result[rows] = _linear(inner, w, f"{name}_out")
    return result


def _mean(values: Array, group: NDArray[np.int64], sizes: Array) -> Array:
    if len(sizes) == 1:
        whole: Array = values.sum(axis=0, keepdims=True) / sizes[:, None]
        return whole
    total = np.zeros((len(sizes), values.shape[1]), dtype=np.float32)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    if len(starts):
        total[group[starts]] = np.add.reduceat(values, starts, axis=0)
    return total / sizes[:, None]


def _linear(x: Array, w: Mapping[str, Array], name: str) -> Array:
    result: Array = x @ w[f"{name}.weight"].T
    result += w[f"{name}.bias"]
    return result


def _norm(x: Array, w: Mapping[str, Array], name: str) -> Array:
    scale, shift = w[f"{name}.weight"], w[f"{name}.bias"]
    result = np.empty_like(x)
    for low in range(0, len(x), _ROWS_AT_ONCE):
        rows = slice(low, low + _ROWS_AT_ONCE)
        part = x[rows]
        centred = np.subtract(part, part.mean(axis=1, keepdims=True), out=result[rows])
        variance = np.einsum("ij,ij->i", centred, centred) / x.shape[1]
        centred *= (1.0 / np.sqrt(variance + _EPSILON))[:, None]
        centred *= scale
        centred += shift
    return result
