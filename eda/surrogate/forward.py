"""The network without torch: the same sums in NumPy, which start at once and are fast enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.surrogate.graphs import STAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.surrogate.graphs import Inputs
    from eda.surrogate.weights import Weights

    Singles = NDArray[np.float32]

BLOCK: Final = 512


def run_network(
    weights: Weights, inputs: Inputs, known: Singles, is_known: Singles
) -> tuple[Singles, Singles, Singles, Singles]:
    """Return value, log spread and logit of existence [designs, metrics], and logit of life.

    Args:
        weights: The network's parameters.
        inputs: Graph and features.
        known: Metrics that are known, as the network sees them, [designs, metrics].
        is_known: Which are, 0 or 1.
    """
    parts = [
        _run(
            weights,
            inputs.take(slice(at, at + BLOCK)),
            known[at : at + BLOCK],
            is_known[at : at + BLOCK],
        )
        for at in range(0, len(inputs.device), BLOCK)
    ]
    return tuple(np.concatenate(item) for item in zip(*parts, strict=True))  # type: ignore[return-value]


def _run(weights: Weights, inputs: Inputs, known: Singles, is_known: Singles) -> tuple[Any, ...]:
    arrays, graph = weights.arrays, inputs.graph

    def linear(name: str, given: Any) -> Any:
        made = given @ arrays[f"{name}.weight"].T
        bias = arrays.get(f"{name}.bias")
        return made if bias is None else made + bias

    width, many = weights.shape.width, len(inputs.device)
    devices = np.tanh(linear("device_in", inputs.device))
    nets = np.tanh(linear("net_in", inputs.net))
    # Roles and senders side by side, so that gathering is one matrix product.
    to_net = graph.links.transpose(1, 2, 0).reshape(len(graph.net), -1)
    to_device = graph.links.transpose(2, 1, 0).reshape(len(graph.device), -1)
    for at in range(weights.shape.rounds):
        sent = linear(f"to_net.{at}", devices).reshape(many, -1, width)
        got = np.tanh(to_net @ sent)
        joined = np.concatenate([nets, got], axis=-1)
        nets = nets + np.maximum(linear(f"net_up.{at}", joined), 0)
        sent = linear(f"to_device.{at}", nets).reshape(many, -1, width)
        got = np.tanh(to_device @ sent)
        joined = np.concatenate([devices, got], axis=-1)
        devices = devices + np.maximum(linear(f"device_up.{at}", joined), 0)
        nets, devices = _unit(nets), _unit(devices)
    pooled, netted = devices.mean(axis=1), nets.mean(axis=1)
    padded = np.concatenate([nets, np.zeros((many, 1, width), dtype=np.float32)], axis=1)
    read = padded[:, graph.plus] - padded[:, graph.minus]
    kind = np.broadcast_to(arrays["kind.weight"][graph.kinds], (many, len(graph.kinds), width))

    def summed(which: Any, value: Any, there: Any, sure: Any) -> Any:
        parts = np.concatenate(
            [kind[:, which], value[..., None], there[..., None], sure[..., None]], axis=-1
        )
        return np.tanh(linear("prefix", parts)).mean(axis=1)

    everything = np.arange(len(graph.kinds))
    first = summed(everything, inputs.answer, inputs.there, np.zeros_like(inputs.there))
    hidden = np.maximum(linear("alive_in", np.concatenate([pooled, first], axis=-1)), 0)
    alive = linear("alive_out", hidden)[:, 0]
    out = np.zeros((many, len(graph.kinds), 3), dtype=np.float32)
    before = np.zeros((many, width), dtype=np.float32)
    for stage in range(len(STAGES)):
        which = np.flatnonzero(graph.stages == stage)
        if not len(which):
            continue
        spread = (many, len(which), width)
        head = np.concatenate(
            [
                read[:, which] + kind[:, which],
                kind[:, which],
                np.broadcast_to((pooled + netted)[:, None], spread),
                np.broadcast_to((before + first)[:, None], spread),
                inputs.answer[:, which, None],
                inputs.there[:, which, None],
            ],
            axis=-1,
        )
        found = linear("head_out", np.maximum(linear("head_in", head), 0))
        found[..., 0] += inputs.answer[:, which]
        out[:, which] = found
        seen = np.where(is_known[:, which] > 0, known[:, which], found[..., 0])
        before = before + summed(which, seen, np.ones_like(seen), is_known[:, which])
    return out[..., 0], out[..., 1], out[..., 2], alive


def _unit(state: Any) -> Any:
    return state / np.sqrt((state**2).mean(axis=-1, keepdims=True) + np.float32(1e-4))
