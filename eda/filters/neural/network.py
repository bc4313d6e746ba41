"""The graph network: messages between the ends of strips, then corrections of the closed forms.

Ends hear from the other end of their strip, over joints and over links. Sums over neighbours make
what is said of a strip the same however the strips are numbered, and the corrections of a link the
same from either side. Runs on numpy arrays and on torch tensors with gradients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.arrays import functions_of
from eda.filters.neural.closed import ClosedForms, couplings
from eda.filters.neural.corrections import Corrections
from eda.filters.neural.features import OF_END, OF_JOINT, OF_LINK, Features
from eda.filters.neural.graph import FilterGraph

Arrays = Mapping[str, Any]

CLIP: Final = 4.0
"""Scaled features are cut off here, so that an unusual layout stays within what was learned."""

NEAR: Final = 0.1
"""Messages over a link count by ``c / (c + NEAR)`` of its coupling c: without that what an end
hears grows with every strip in the row, and filters of more resonators sound like nothing known."""

_GENTLE: Final = 0.1
"""What the last layers say is taken so many times: corrections are small."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network.

    Attributes:
        hidden: Numbers at every end.
        layers: How far messages go.
    """

    hidden: int = 64
    layers: int = 2


def shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Return the size of every array of weights by its name."""
    h = shape.hidden
    found: dict[str, tuple[int, ...]] = {}
    for kind, width in (("end", len(OF_END)), ("joint", len(OF_JOINT)), ("link", len(OF_LINK))):
        found |= {f"{kind}.mean": (width,), f"{kind}.scale": (width,)}

    def linear(name: str, wide: int, out: int) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = (wide, out), (out,)

    linear("begin", len(OF_END), h)
    for at in range(shape.layers):
        linear(f"{at}.strip", 2 * h, h)
        linear(f"{at}.joint", 2 * h + len(OF_JOINT), h)
        linear(f"{at}.link", 2 * h + len(OF_LINK), h)
        linear(f"{at}.update", 4 * h, h)
    for name, wide, out in (
        ("length", h, 1),
        ("strip", h, 2),
        ("pair", h + len(OF_LINK), 2),
        ("via", h, 1),
        ("radiated", h, 1),
    ):
        linear(f"{name}.0", wide, h)
        linear(f"{name}.1", h, out)
    return found


def first_weights(shape: Shape, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Return weights to begin a training with: they correct nothing."""
    made: dict[str, NDArray[np.float64]] = {}
    for name, size in shapes(shape).items():
        if name.endswith(".weight") and not name.endswith(".1.weight"):
            made[name] = rng.normal(0.0, size[0] ** -0.5, size)
        else:
            made[name] = np.ones(size) if name.endswith(".scale") else np.zeros(size)
    return made


def predicted(
    arrays: Arrays,
    shape: Shape,
    graph: FilterGraph,
    closed: ClosedForms,
    features: Features,
    prior: Corrections,
) -> Corrections:
    """Return the corrections of designs of one topology.

    Args:
        arrays: Weights.
        shape: Their sizes.
        graph: The topology.
        closed: Closed forms of the designs.
        features: Of the designs.
        prior: What is corrected where the network says nothing.
    """
    xp = functions_of(arrays["begin.bias"])
    wires = graph.wiring
    end, joint, link = (
        xp.clip((value - arrays[f"{kind}.mean"]) / arrays[f"{kind}.scale"], -CLIP, CLIP)
        for kind, value in (
            ("end", features.end),
            ("joint", features.joint),
            ("link", features.link),
        )
    )
    sums = [wires.joint_sum, wires.link_sum, wires.via_ends]
    if xp is not np:
        sums = [xp.as_tensor(one, dtype=end.dtype) for one in sums]
    twin = np.arange(len(graph.ends)) ^ 1
    state = _smooth(xp, _linear(arrays, "begin", end))
    near = _nearness(graph, closed)
    for at in range(shape.layers):
        heard = [state, _smooth(xp, _linear(arrays, f"{at}.strip", state, state[:, twin]))]
        for name, start, stop, told, counts, add in (
            ("joint", wires.joint_from, wires.joint_to, joint, 1.0, sums[0]),
            ("link", wires.link_from, wires.link_to, link, near, sums[1]),
        ):
            # What both ends say is worked out once for each of them, however many hear it.
            weight, wide = arrays[f"{at}.{name}.weight"], state.shape[-1]
            said = (state @ weight[:wide])[:, start] + (state @ weight[wide : 2 * wide])[:, stop]
            said = said + told @ weight[2 * wide :] + arrays[f"{at}.{name}.bias"]
            heard.append(add @ (_smooth(xp, said) * counts))
        state = state + _smooth(xp, _linear(arrays, f"{at}.update", *heard))

    def head(name: str, *parts: Any) -> Any:
        inner = _smooth(xp, _linear(arrays, f"{name}.0", *parts))
        return _GENTLE * _linear(arrays, f"{name}.1", inner)

    strip = head("strip", state[:, 0::2] + state[:, 1::2])
    count = len(graph.links)
    beside = sum(state[:, wires.link_ends[:, side]] for side in range(4))
    about = sum(link[:, side * count : (side + 1) * count] for side in range(4)) / 4
    pair = head("pair", beside, about)
    via = head("via", sums[2] @ state)
    wide = (closed.width_m + closed.height_m[:, None]) / 2
    unit = xp.stack([wide, wide], 2).reshape(len(wide), -1)
    return Corrections(
        length_m=prior.length_m + unit * _within(xp, head("length", state)[..., 0], 1.5),
        ohm=prior.ohm + _within(xp, strip[..., 0], 0.4),
        loss=prior.loss + _within(xp, strip[..., 1], 2.0),
        coupling=prior.coupling + _within(xp, pair[..., 0], 1.5),
        link_m=prior.link_m + closed.height_m[:, None] * _within(xp, pair[..., 1], 1.5),
        via=prior.via + _within(xp, via[..., 0], 1.0),
        radiated=prior.radiated + _within(xp, head("radiated", state)[..., 0], 3.0),
        near=prior.near,
    )


def _nearness(graph: FilterGraph, closed: ClosedForms) -> Any:
    """Return how much messages over links count, ``(designs, 4 links, 1)``."""
    xp = functions_of(closed.ohm)
    coupling = abs(couplings(graph, closed))
    return xp.concatenate([coupling / (coupling + NEAR)] * 4, 1)[..., None]


def _linear(arrays: Arrays, name: str, *parts: Any) -> Any:
    """Return a linear layer of parts side by side, without laying them side by side."""
    weight, made, at = arrays[f"{name}.weight"], arrays[f"{name}.bias"], 0
    for part in parts:
        made = made + part @ weight[at : at + part.shape[-1]]
        at += part.shape[-1]
    return made


def _smooth(xp: Any, value: Any) -> Any:
    return value * (1 + xp.tanh(value / 2)) / 2


def _within(xp: Any, value: Any, most: float) -> Any:
    return most * xp.tanh(value / most)
