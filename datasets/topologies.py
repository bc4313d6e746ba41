"""Circuits to learn topologies from: corpora cleaned and mended, compositions, generated ones.

Every circuit keeps all strict rules. Circuits that are the same up to names come in once, and a
circuit that is the same as one for tests, or is built from one, is never trained on.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np

from eda.datasets.corpora import need_corpus
from eda.datasets.generator import generate_circuit
from eda.datasets.records import read_records
from eda.datasets.splits import split_circuits
from eda.datasets.topology_compose import COMPOSERS, compose
from eda.topology.clean import broken_rules, clean
from eda.topology.parts import MAX_DEVICES, MAX_PORTS, PORTS
from eda.topology.types import CATEGORIES, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from eda.datasets.generator import GeneratedCircuit
    from eda.datasets.records import CorpusCircuit
    from eda.topology.circuit import Topology

CORPORA: Final = ("analoggenie", "align_ota")
COMPOSED: Final = 300
"""Compositions of each type that has them."""
GENERATED: Final = 400
"""Circuits drawn for each type of the block generator."""

_DIGITS: Final = re.compile(r"\d+")
_NAMES: Final = {
    **{name.upper(): name for name in PORTS},
    **{"VBB": "vb", "IREF": "ib", "IN": "vin"},
}
_SECOND: Final = ("general", "mirror")
"""Types that a circuit is offered to whose ports do not fit its own."""

GENERATOR_TYPES: Final[Mapping[str, str]] = {
    **{"opamp": "opamp", "differential_opamp": "opamp", "comparator": "comparator"},
    **{"clocked_comparator": "comparator", "bandgap": "bandgap", "voltage_reference": "bandgap"},
    **{"current_reference": "mirror", "regulator": "ldo", "linear_supply": "voltage_regulator"},
    **dict.fromkeys(("ring_oscillator", "lc_oscillator", "relaxation_oscillator"), "oscillator"),
    **{"charge_pump": "power_converter", "switching_supply": "power_converter"},
    **{"sample_hold": "switched_capacitor", "switched_capacitor": "switched_capacitor"},
    "converter": "data_converter",
    **{"lna": "general", "transimpedance": "general", "transistor_amplifier": "general"},
    **{"power_amplifier": "power_amplifier", "audio_power": "power_amplifier", "mixer": "mixer"},
    **dict.fromkeys(("gm_filter", "ladder", "network"), "filter"),
}
"""Our type of each type of the block generator that is learned from."""

_INPUT_OF: Final = {
    "pll": "vin",
    "ldo": "vref",
    "voltage_regulator": "vref",
    "oscillator": "vcont",
    "power_converter": "vcont",
    "mirror": "iin",
    "mixer": "vrf",
    "bandgap": "vb",
}
_CLOCK_OF: Final = {"mixer": "vlo"}
_OUTPUT_OF: Final = {"mirror": "iout", "mixer": "vif"}


@dataclass(frozen=True, slots=True)
class TopologyRecord:
    """A circuit to learn from, or to test on.

    Attributes:
        name: As ``analoggenie/ag4``, ``composed/ldo-17``, ``generated/opamp-3``.
        source: ``analoggenie``, ``align_ota``, ``composed`` or ``generated``.
        topology: The circuit.
        part: ``train``, ``validation`` or ``test``.
        drawn: Whether it was drawn by hand.
        mended: What was changed.
        key: Its hash with only the rails labelled.
    """

    name: str
    source: str
    topology: Topology
    part: str
    drawn: bool
    mended: tuple[str, ...]
    key: str


@dataclass(slots=True)
class TopologyData:
    """The data set.

    Attributes:
        records: Of all parts.
        dropped: Source -> reason -> circuits.
        raw_keys: Hashes of circuits of the corpora that were refused: nothing that is the same
            as one of them is new either.
    """

    records: list[TopologyRecord]
    dropped: dict[str, Counter[str]] = field(default_factory=dict)
    raw_keys: set[str] = field(default_factory=set)

    def part(self, name: str) -> list[TopologyRecord]:
        """Return the records of a part."""
        return [item for item in self.records if item.part == name]

    def card(self) -> dict[str, Any]:
        """Return what the data set holds, what was dropped and why, and the licences."""
        by_source: dict[str, dict[str, int]] = {}
        for item in self.records:
            by_source.setdefault(item.source, {"train": 0, "validation": 0, "test": 0})
            by_source[item.source][item.part] += 1
        mended = Counter(what for item in self.records for what in item.mended)
        types = Counter(item.topology.type for item in self.part("train"))
        return {
            "circuits": by_source,
            "train_by_type": {name: types.get(name, 0) for name in TYPES},
            "dropped": {name: dict(count.most_common()) for name, count in self.dropped.items()},
            "mended": dict(mended.most_common()),
            "licences": {
                "analoggenie": "MIT",
                "align_ota": "BSD-3-Clause",
                "composed": "of the circuits they are built from",
                "generated": "CC0-1.0",
            },
            "split": "by canonical hash and by the corpora's own groups of near-duplicates",
        }


def topology_data(
    *,
    seed: int = 0,
    composed: int = COMPOSED,
    generated: int = GENERATED,
    corpora: Sequence[str] = CORPORA,
    log: Callable[[str], object] = lambda _text: None,
) -> TopologyData:
    """Return the data set.

    Args:
        seed: Of the split and of all that is drawn.
        composed: Compositions of each type.
        generated: Circuits drawn for each type of the block generator.
        corpora: Which corpora; none of them is needed.
        log: Called with what is being done.

    Raises:
        DatasetError: A corpus is not there.
    """
    data = TopologyData([])
    seen: dict[str, str] = {}
    for item in _of_corpora(corpora, seed, data, log):
        _keep(data, seen, item)
    blocks = [
        item.topology
        for item in data.part("train")
        if item.topology.type in ("opamp", "oscillator", "comparator")
    ]
    drawn = list(_generated(generated, seed, data))
    log(f"{len(drawn)} of the block generator")
    for item in drawn:
        _keep(data, seen, item)
    blocks += [item.topology for item in drawn if item.part == "train"][:2000]
    for item in _composed(composed, seed, blocks, data):
        _keep(data, seen, item)
    log(f"{len(data.records)} circuits in all")
    return data


def _keep(data: TopologyData, seen: dict[str, str], item: TopologyRecord) -> None:
    """Keep the first of circuits that are the same; the corpora come before all else."""
    if item.key in seen:
        data.dropped.setdefault(item.source, Counter())["the same as another"] += 1
        return
    seen[item.key] = item.name
    data.records.append(item)


def _of_corpora(
    corpora: Sequence[str], seed: int, data: TopologyData, log: Callable[[str], object]
) -> Iterator[TopologyRecord]:
    read = [
        item
        for corpus in corpora
        for item in read_records(need_corpus(corpus) / "train.jsonl.gz", corpus=corpus)
    ]
    parts = split_circuits(read, seed=seed)
    log(f"{len(read)} circuits of {', '.join(corpora)}")
    # What is for tests comes first: the same circuit elsewhere is then left out of training.
    order = sorted(range(len(read)), key=lambda at: (parts[at] == "train", at))
    for at in order:
        item = read[at]
        dropped = data.dropped.setdefault(item.corpus, Counter())
        if item.digital:
            dropped["gates or clocked logic"] += 1
            continue
        if not item.clean:
            dropped["nets shorted by merging"] += 1
            known = clean(item.circuit, name_of(item), port_classes(item, name_of(item)))
            if known.topology is not None:
                # It is not learned from, but it is no news either.
                data.raw_keys.add(known.topology.key())
            continue
        name = name_of(item)
        made = None
        reasons = []
        for attempt in (name, *(other for other in _SECOND if other != name)):
            made = clean(item.circuit, attempt, port_classes(item, attempt))
            if made.topology is not None:
                break
            reasons.append(made.reason)
            if made.reason != "ports of another type":
                break
        if made is None or made.topology is None:
            dropped[reasons[0]] += 1
            continue
        yield TopologyRecord(
            item.name,
            item.corpus,
            made.topology,
            parts[at],
            item.drawn,
            tuple(made.mended),
            made.topology.key(),
        )


def name_of(item: CorpusCircuit) -> str:
    """Return our name of the type that a corpus says a circuit is of."""
    return CATEGORIES.get(item.category, "general")


def port_classes(item: CorpusCircuit, circuit_type: str) -> dict[str, str]:
    """Return the class of each port of a circuit of the corpora, by lower-case net."""
    found = {}
    for port in item.circuit.ports:
        name = _NAMES.get(_DIGITS.sub("", port.upper()))
        if name is not None:
            found[port.lower()] = name
    if circuit_type in ("ldo", "power_converter"):
        # The input of a supply is what it is supplied from.
        found = {net: "vdd" if name == "vin" else name for net, name in found.items()}
    if circuit_type == "oscillator":
        found = {net: "vcont" if name in ("vin", "vlo") else name for net, name in found.items()}
    if circuit_type == "voltage_regulator":
        found = {net: "vref" if name == "vin" else name for net, name in found.items()}
    return found


def _generated(count: int, seed: int, data: TopologyData) -> Iterator[TopologyRecord]:
    dropped = data.dropped.setdefault("generated", Counter())
    for kind, circuit_type in GENERATOR_TYPES.items():
        for index in range(count * (2 if kind in ("opamp", "regulator") else 1)):
            made = generate_circuit(kind, seed=seed, index=index)
            name = circuit_type
            if kind == "regulator" and not any(use == "input" for use in made.ports.values()):
                name = "voltage_regulator"
            if kind == "charge_pump" and "clock" not in made.ports.values():
                # It is told up and down by a phase detector.
                name = "pll"
            found = clean(made.circuit.flatten(), name, generator_classes(made, name))
            if found.topology is None:
                dropped[found.reason] += 1
                continue
            topology = found.topology
            yield TopologyRecord(
                f"generated/{kind}-{index}",
                "generated",
                topology,
                _part(topology.key(), seed),
                False,
                tuple(found.mended),
                topology.key(),
            )


def generator_classes(made: GeneratedCircuit, circuit_type: str) -> dict[str, str]:
    """Return the class of each port of a circuit of the block generator, by lower-case net."""
    diodes = {
        device.net("g").lower()
        for device in made.circuit.flatten().devices
        if device.kind == "mosfet" and device.net("g") == device.net("d")
    }
    found = {}
    for net, use in made.ports.items():
        name = {
            "supply": "vdd",
            "ground": "vss",
            "input": _INPUT_OF.get(circuit_type, "vin"),
            "output": _OUTPUT_OF.get(circuit_type, "vout"),
            "clock": _CLOCK_OF.get(circuit_type, "vcont"),
            "bias": "ib" if net.lower() in diodes else "vb",
        }.get(use)
        if name is not None:
            found[net.lower()] = name
    if found.get("0") == "vss":
        found["gnd"] = "vss"
    return found


def _composed(
    count: int, seed: int, blocks: Sequence[Topology], data: TopologyData
) -> Iterator[TopologyRecord]:
    dropped = data.dropped.setdefault("composed", Counter())
    for circuit_type in COMPOSERS:
        rng = np.random.default_rng((seed, crc32(circuit_type.encode())))
        for index in range(count):
            topology = compose(circuit_type, blocks, rng)
            if topology is None:
                dropped["no block fits"] += 1
                continue
            if len(topology) > MAX_DEVICES - 8 or len(topology.ports) > MAX_PORTS:
                dropped["too large"] += 1
                continue
            lacks = TYPES[circuit_type].lacks(topology.ports)
            broken = broken_rules(topology)
            if lacks or broken:
                dropped["ports of another type" if lacks else f"breaks {broken[0]}"] += 1
                continue
            key = topology.key()
            yield TopologyRecord(
                name=f"composed/{circuit_type}-{index}",
                source="composed",
                topology=topology,
                part=_part(key, seed),
                drawn=False,
                mended=(),
                key=key,
            )


def _part(key: str, seed: int) -> str:
    draw = crc32(f"{seed}:{key}".encode()) / 2**32
    return "validation" if draw < 0.03 else "train"
