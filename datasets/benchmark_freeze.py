"""How a benchmark was drawn: circuits of the generator, split by topology, with questions.

A benchmark is frozen as a file; this is kept so that everybody can see how it came about, and
for the next version. The generator may change: the file does not.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.datasets.generated import generated_record
from eda.datasets.generator import TYPES, generate_circuit
from eda.datasets.splits import split_hash
from eda.graph import DEVICE_TYPES, NET_CLASSES, circuit_graph
from eda.links.sample import classes_by_name, make_sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.graph import CircuitGraph
    from eda.links.sample import Sample

UNSEEN_TYPES: Final = ("bandgap", "mixer", "lc_oscillator", "storage", "load_driver", "timer")
"""Types that only the part ``unseen`` has."""
SIZES: Final = {"train": 2000, "validation": 200, "test": 400, "unseen": 250}
QUERIES: Final = 8
MAX_DEVICES: Final = 60


def draw_benchmark(*, seed: int, sizes: dict[str, int] | None = None) -> Iterator[str]:
    """Yield the lines of a benchmark.

    No two circuits are equal up to names; to which part one belongs follows from its canonical
    hash alone.

    Args:
        seed: Where chance starts from.
        sizes: Circuits of each part; by default those of ``links-v1``.
    """
    wanted = dict(sizes or SIZES)
    seen: set[str] = set()
    seen_types = [name for name in TYPES if name not in UNSEEN_TYPES]
    for types, parts in (
        (seen_types, ("train", "validation", "test")),
        (UNSEEN_TYPES, ("unseen",)),
    ):
        weights = np.array([TYPES[name].weight for name in types])
        weights /= weights.sum()
        left = {part: wanted[part] for part in parts}
        index = 0
        while any(left.values()):
            draw = np.random.default_rng((seed, index, 2)).choice(len(types), p=weights)
            record = generated_record(generate_circuit(types[int(draw)], seed=seed, index=index))
            index += 1
            key = split_hash(record)
            part = parts[0] if len(parts) == 1 else _part(key, left, wanted)
            if key in seen or not left[part] or len(record.circuit.devices) > MAX_DEVICES:
                continue
            seen.add(key)
            left[part] -= 1
            graph = circuit_graph(record.circuit)
            yield json.dumps(
                {"hash": key, **_line(graph, record.name.removeprefix("generated/"), part, seed)},
                separators=(",", ":"),
            )


def _part(key: str, left: dict[str, int], wanted: dict[str, int]) -> str:
    """Return the part that a hash belongs to, by the sizes of the parts."""
    names = list(left)
    bounds = np.cumsum([wanted[name] for name in names]) / sum(wanted[name] for name in names)
    draw = int.from_bytes(sha256(key.encode()).digest()[:8], "big") / 2**64
    return names[int(np.searchsorted(bounds, draw, side="right"))]


def _line(graph: CircuitGraph, name: str, part: str, seed: int) -> dict[str, Any]:
    sample = make_sample(graph, name=name)
    bounds = np.searchsorted(graph.edge_device, np.arange(graph.num_devices + 1))
    devices = [
        [
            DEVICE_TYPES[kind],
            " ".join(graph.role_names[role] for role in graph.edge_role[low:high]),
            graph.edge_net[low:high].tolist(),
            *([model] if DEVICE_TYPES[kind] == "subcircuit" else []),
        ]
        for kind, low, high, model in zip(
            graph.device_type, bounds[:-1], bounds[1:], graph.device_model, strict=True
        )
    ]
    classes = [NET_CLASSES[item] for item in graph.net_class]
    return {
        "name": name,
        "type": name.partition("/")[0],
        "part": part,
        "devices": devices,
        "nets": classes,
        "named": _named(graph, classes),
        "ports": np.flatnonzero(graph.net_is_port).tolist(),
        "queries": [] if part == "train" else _queries(sample, seed),
    }


def _named(graph: CircuitGraph, classes: Sequence[str]) -> list[list[Any]]:
    """Return the nets whose name alone says something else than all there is to know."""
    by_name = classes_by_name(graph, NET_CLASSES)
    return [
        [net, NET_CLASSES[found]]
        for net, found in enumerate(by_name)
        if NET_CLASSES[found] != classes[net]
    ]


def _queries(sample: Sample, seed: int) -> list[list[int]]:
    rng = np.random.default_rng((seed, len(sample.edge_net), sample.num_nets))
    asked = sample.queries()
    if len(asked) > QUERIES:
        asked = np.sort(rng.choice(asked, QUERIES, replace=False))
    nets = np.flatnonzero(sample.net_degree > 0)
    pairs = []
    for pin in asked.tolist():
        others = nets[nets != sample.edge_net[pin]]
        if len(others):
            pairs.append([pin, int(rng.choice(others))])
    return pairs
