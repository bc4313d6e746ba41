"""Writes generated circuits as a data set: netlists, ``manifest.jsonl``, a card."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.generator import generate_circuits
from eda.graph import circuit_graph, graph_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.datasets.generator import GeneratedCircuit

_CARD: Final = """# Generated circuits

{count} circuits ({distinct} distinct up to names), made by the toolkit's own generator:

    eda datasets build generated --count {count} --seed {seed}{types} -o DIR

Licence: CC0-1.0. The circuits are composed of hand-written blocks with level-1 models; sizes are
plausible, not designed. Labels of a circuit are in its line of manifest.jsonl:

| field | meaning |
|---|---|
| `name` `type` `file` | what it is, and its netlist |
| `hash` | canonical hash: the same for circuits equal up to names |
| `devices` `nets` | how many, flat |
| `ports` | net -> supply, ground, input, output, bias or clock |
| `blocks` | device (flattened, lower case) -> path of its block |
| `structure` | the choices that made it |
| `flipped` | whether it was turned upside down |

| type | circuits |
|---|---:|
{table}
"""


def write_generated(
    out: Path, count: int, *, seed: int = 0, types: Sequence[str] | None = None
) -> dict[str, Any]:
    """Write circuits to a folder; files that are there under these names are replaced.

    Args:
        out: The folder; it is made where it is not there.
        count: How many circuits.
        seed: Where chance starts from.
        types: Which types; by default all, by their weights.

    Returns:
        ``circuits``, ``distinct`` and ``types`` (how many of each).

    Raises:
        DatasetError: There is no such type.
    """
    netlists = out / "netlists"
    hashes: set[str] = set()
    kinds: Counter[str] = Counter()
    part = out / "manifest.jsonl.part"
    made = generate_circuits(count, seed=seed, types=types)
    first = next(made)  # An unknown type is refused before anything is written.
    netlists.mkdir(parents=True, exist_ok=True)
    with part.open("w", encoding="utf-8") as manifest:
        for item in chain((first,), made):
            manifest.write(_write(item, out, hashes, kinds))
    part.replace(out / "manifest.jsonl")
    chosen = "".join(f" --type {name}" for name in types or ())
    rows = "\n".join(f"| {name} | {number} |" for name, number in sorted(kinds.items()))
    card = _CARD.format(count=count, distinct=len(hashes), seed=seed, types=chosen, table=rows)
    (out / "README.md").write_text(card, "utf-8")
    return {"circuits": count, "distinct": len(hashes), "types": dict(sorted(kinds.items()))}


def _write(item: GeneratedCircuit, out: Path, hashes: set[str], kinds: Counter[str]) -> str:
    """Write a netlist; return its line of the manifest."""
    file = f"netlists/{item.name.replace('/', '-')}.sp"
    (out / file).write_text(item.netlist, "utf-8")
    graph = circuit_graph(item.circuit)
    found = graph_hash(graph, symmetric=True, ports="classes")
    hashes.add(found)
    kinds[item.type] += 1
    record = {
        "name": item.name,
        "type": item.type,
        "file": file,
        "hash": found,
        "devices": graph.num_devices,
        "nets": graph.num_nets,
        "ports": dict(item.ports),
        "blocks": dict(item.blocks),
        "structure": list(item.structure),
        "flipped": item.flipped,
    }
    return json.dumps(record) + "\n"
