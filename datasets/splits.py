"""Train, validation and test: seeded, and with no circuit of one in another.

Circuits that are the same up to names (by canonical hash, drain and source exchangeable, ports
known by class only) form one group, and so do circuits that the corpus itself calls
near-duplicates. A group goes to one part as a whole. A group with a circuit of a corpus that is
left out of training is for tests as a whole.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal

from eda.graph import circuit_graph, graph_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from eda.datasets.records import CorpusCircuit

Part = Literal["train", "validation", "test"]
PARTS: Final[tuple[Part, ...]] = ("train", "validation", "test")
TEST_SHARE: Final = 0.12
VALIDATION_SHARE: Final = 0.08
_FIRST: Final = ("align_ota", "analoggenie", "image2net")
"""A group with a circuit of these is named after it, whatever else has joined the group since."""


def split_circuits(
    circuits: Sequence[CorpusCircuit], *, seed: int = 0, left_out: Collection[str] = ()
) -> list[Part]:
    """Return the part of each circuit.

    A group's part follows from the seed and the names in it, not from the order of the list, so
    a corpus that is absent does not move the others (but for groups it has a share in).

    Args:
        circuits: Of all corpora together.
        seed: Of the draw.
        left_out: Corpora that are for tests as a whole, and whatever is like one of theirs.
    """
    parts: list[Part | None] = [None] * len(circuits)
    for members in groups(circuits):
        named = sorted(
            (circuits[at].corpus not in _FIRST, circuits[at].name, circuits[at].corpus)
            for at in members
        )
        name = named[0][1]
        digest = sha256(f"{seed}:{name}".encode()).digest()
        draw = int.from_bytes(digest[:8], "big") / 2**64
        part: Part = "train"
        if draw < TEST_SHARE or any(corpus in left_out for _, _, corpus in named):
            part = "test"
        elif draw < TEST_SHARE + VALIDATION_SHARE:
            part = "validation"
        for at in members:
            parts[at] = part
    return [part or "train" for part in parts]


def groups(circuits: Sequence[CorpusCircuit]) -> list[list[int]]:
    """Return the groups of circuits that must stay together, as positions in the list."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    keys = []
    for item in circuits:
        key = f"hash:{split_hash(item)}"
        keys.append(key)
        if item.group:
            first, second = sorted((root(key), root(f"group:{item.group}")))
            parent[second] = first
    members: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        members.setdefault(root(key), []).append(at)
    return list(members.values())


def split_hash(item: CorpusCircuit) -> str:
    """Return the canonical hash that circuits of different parts never share."""
    return graph_hash(circuit_graph(item.circuit), symmetric=True, ports="classes")
