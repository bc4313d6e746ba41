"""Frozen benchmarks of link prediction, in the manner of OGB: named, versioned, never changed.

A benchmark is a file of circuits without names, the part that each belongs to, and the questions:
a pin that is hidden, and one wrong net for the pair accuracy. Its SHA-256 is written here; a file
with another one is refused. `eda.datasets.evaluator.Evaluator` scores answers to its questions.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from eda.circuit import ROLES
from eda.errors import DatasetError
from eda.graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph
from eda.links.sample import Sample
from eda.links.vocabulary import net_roles, pin_kind

FOLDER: Final = Path(__file__).parent / "benchmarks"
MAX_BYTES: Final = 64 * 1024 * 1024
BENCHMARKS: Final[dict[str, str]] = {
    "links-v1": "7414d99e4a8af46e8ac25ac1f6d5b177f355baeee14386d21cbfe21f5ac59f7a",
}
"""SHA-256 of the unpacked file of each benchmark."""

BenchmarkPart = Literal["train", "validation", "test", "unseen"]
BENCHMARK_PARTS: Final[tuple[BenchmarkPart, ...]] = ("train", "validation", "test", "unseen")
"""``unseen`` is tested on, too: it holds the types of circuits that no other part has."""


@dataclass(frozen=True)
class BenchmarkCircuit:
    """A circuit of a benchmark with its questions.

    Attributes:
        name: Unique within the benchmark.
        type: What the generator calls it: ``opamp``, ``mixer``, ...
        part: ``train``, ``validation``, ``test`` or ``unseen``.
        device_types: Of each device, as in ``eda.graph.DEVICE_TYPES``.
        pin_roles: Of each pin, device by device.
        net_classes: Of each net, as in ``eda.graph.NET_CLASSES``.
        sample: The same as arrays, as `eda.links` takes them.
        queries: int64 [queries], the pins that are hidden, each by itself; empty in ``train``.
        wrong: int64 [queries], a net that is not the right one, for the pair accuracy.
        models: Of each black box its part, in device order; empty for other devices.
        hash: Canonical hash; circuits of different parts never share it.
    """

    name: str
    type: str
    part: BenchmarkPart
    device_types: tuple[str, ...]
    pin_roles: tuple[str, ...]
    net_classes: tuple[str, ...]
    sample: Sample
    queries: NDArray[np.int64]
    wrong: NDArray[np.int64]
    models: tuple[str, ...]
    hash: str

    @property
    def answers(self) -> NDArray[np.int64]:
        """int64 [queries], the net that each hidden pin was on."""
        return self.sample.edge_net[self.queries].astype(np.int64)

    def graph(self) -> CircuitGraph:
        """Return the circuit as the graph that `eda.graph` works on; nets are numbered."""
        names = tuple(dict.fromkeys(self.pin_roles))
        number = {role: at for at, role in enumerate(ROLES + names)}
        roles = tuple(number)
        return CircuitGraph(
            device_names=tuple(f"d{at}" for at in range(len(self.device_types))),
            net_names=tuple(f"n{at}" for at in range(len(self.net_classes))),
            device_type=self.sample.device_type,
            net_class=np.array([NET_CLASSES.index(item) for item in self.net_classes], np.int8),
            net_is_port=self.sample.net_is_port,
            edge_device=self.sample.edge_device,
            edge_net=self.sample.edge_net,
            edge_role=np.array([roles.index(role) for role in self.pin_roles], dtype=np.int16),
            role_names=roles,
            device_model=self.models,
            reference_device=np.zeros(0, dtype=np.int32),
            reference_target=np.zeros(0, dtype=np.int32),
        )


def load_benchmark(name: str, part: str | None = None) -> tuple[BenchmarkCircuit, ...]:
    """Return the circuits of a benchmark, or of one part of it, in a fixed order.

    Raises:
        DatasetError: There is no such benchmark or part, or its file is not as it was frozen.

    Example:
        >>> first = load_benchmark("links-v1", "test")[0]
        >>> len(first.queries) == len(first.answers) > 0
        True
    """
    if name not in BENCHMARKS:
        raise DatasetError(f"there is no benchmark {name!r}; there are: {', '.join(BENCHMARKS)}")
    if part is not None and part not in BENCHMARK_PARTS:
        raise DatasetError(
            f"{name} has no part {part!r}; its parts are: {', '.join(BENCHMARK_PARTS)}"
        )
    circuits = _read(name)
    return tuple(item for item in circuits if part in (None, item.part))


@lru_cache(maxsize=2)
def _read(name: str) -> tuple[BenchmarkCircuit, ...]:
    path = FOLDER / f"{name}.jsonl.gz"
    try:
        with gzip.open(path) as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise DatasetError(
            f"{path}: cannot be read ({error}); install the package again"
        ) from error
    found = sha256(data).hexdigest()
    if found != BENCHMARKS[name]:
        raise DatasetError(
            f"{path}: SHA-256 of its content is {found}, {name} was frozen with "
            f"{BENCHMARKS[name]}; install the package again"
        )
    return tuple(
        parse_circuit(json.loads(line), f"{path}:{number}")
        for number, line in enumerate(data.decode("utf-8").splitlines(), start=1)
    )


def parse_circuit(record: Any, where: str) -> BenchmarkCircuit:
    """Return the circuit of one line.

    A line holds ``name type part hash``; ``devices``, a list of [type, roles joined by blanks,
    nets], and of a black box its part; ``nets``, the class of each; ``named``, [net, class]
    where the name alone says something else; ``ports``; ``queries``, a list of [pin, wrong net].

    Raises:
        DatasetError: It is no such line.
    """
    try:
        types = tuple(str(device[0]) for device in record["devices"])
        roles = [str(device[1]).split() for device in record["devices"]]
        nets = [[int(net) for net in device[2]] for device in record["devices"]]
        classes = tuple(str(item) for item in record["nets"])
        by_name = list(classes)
        for net, found in record["named"]:
            by_name[net] = found
        is_port = np.zeros(len(classes), dtype=np.bool_)
        is_port[record["ports"]] = True
        queries = np.array(record["queries"], dtype=np.int64).reshape(-1, 2)
        sizes = [len(device) for device in nets]
        sample = Sample(
            device_type=np.array([DEVICE_TYPES.index(item) for item in types], dtype=np.int8),
            net_role=_roles(classes),
            net_role_by_name=_roles(by_name),
            net_is_port=is_port,
            edge_device=np.repeat(np.arange(len(types)), sizes).astype(np.int32),
            edge_net=np.array([net for device in nets for net in device], dtype=np.int32),
            edge_kind=np.array(
                [
                    pin_kind(kind, role)
                    for kind, device in zip(types, roles, strict=True)
                    for role in device
                ],
                dtype=np.int16,
            ),
            name=str(record["name"]),
        )
        return BenchmarkCircuit(
            name=str(record["name"]),
            type=str(record["type"]),
            part=record["part"],
            device_types=types,
            pin_roles=tuple(role for device in roles for role in device),
            net_classes=classes,
            sample=sample,
            queries=queries[:, 0],
            wrong=queries[:, 1],
            models=tuple(str(device[3]) if len(device) > 3 else "" for device in record["devices"]),
            hash=str(record["hash"]),
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{where}: not a circuit of a benchmark ({type(error).__name__}: {error})"
        ) from error


def _roles(classes: Any) -> NDArray[np.int8]:
    return net_roles(np.array([NET_CLASSES.index(item) for item in classes], dtype=np.int8))
