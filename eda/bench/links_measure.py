"""One measurement of speed in a process of its own: `python -m eda.bench.links_measure`.

It reads a netlist, asks or audits, and prints what it took as JSON; peak memory is that of the
process, from starting Python on.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from eda.circuit import Circuit

TASKS: Final = ("predict", "audit", "seal", "seal-cut")
SEAL_PINS: Final = 4
SEAL_CANDIDATES: Final = 4
LONGEST_S: Final = 3_000


def measure(path: Path, task: str, *, pins: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Run a measurement in a process of its own; return its figures.

    Args:
        path: The netlist.
        task: ``predict``, ``audit``, or ``seal`` (or ``seal-cut``: with hub cut).
        pins: How many gates are asked.
        seed: Which.
    """
    run = subprocess.run(
        [sys.executable, "-m", "eda.bench.links_measure", str(path), task, str(pins), str(seed)],
        capture_output=True,
        text=True,
        check=True,
        timeout=LONGEST_S,
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def _main(file: str, task: str, pins: int, seed: int) -> dict[str, Any]:
    from eda.spice import read_netlist

    begun = time.perf_counter()
    flat = read_netlist(file).flatten()
    read = time.perf_counter() - begun
    found = {"devices": len(flat.devices), "pins": sum(len(item.roles) for item in flat.devices)}
    work = {"predict": _predict, "audit": _audit, "seal": _seal, "seal-cut": _seal}[task]
    found |= work(flat, pins, seed) if task != "seal-cut" else _seal(flat, pins, seed, cut=True)
    return {
        **found,
        "read_s": read,
        "total_s": time.perf_counter() - begun,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def gates_of(flat: Circuit, count: int, seed: int) -> list[tuple[str, str]]:
    """Return gates of transistors, drawn with a seed, as (device, role)."""
    mosfets = [at for at, item in enumerate(flat.devices) if item.kind == "mosfet"]
    rng = np.random.default_rng(seed)
    chosen = rng.choice(mosfets, min(count, len(mosfets)), replace=False)
    return [(flat.devices[at].name, "g") for at in sorted(chosen.tolist())]


def _predict(flat: Circuit, pins: int, seed: int) -> dict[str, Any]:
    from eda.links import predict_links

    asked = gates_of(flat, pins, seed)
    answers = predict_links(flat, pins=asked)
    right = sum(
        item.candidates[0].net == flat.device(item.device).net(item.pin) for item in answers
    )
    return {
        "asked": len(asked),
        "hits_at_1": right / len(asked),
        "candidates": sum(len(item.candidates) for item in answers),
    }


def _audit(flat: Circuit, pins: int, seed: int) -> dict[str, Any]:
    from eda.links import audit_links

    wires = audit_links(flat, seed=seed)
    return {"asked": sum(wire.alike for wire in wires), "questions": len(wires)}


def _seal(flat: Circuit, pins: int, seed: int, *, cut: bool = False) -> dict[str, Any]:
    """Time SEAL on a few candidates of a few pins; what its weights are makes no difference."""
    import torch

    from eda.bench.seal import Extractor, port_graph
    from eda.bench.seal_network import dgcnn, score_pin
    from eda.links.candidates import candidate_pairs
    from eda.links.predict import find_edges, prepare

    torch.manual_seed(seed)
    question = prepare(flat)
    network = dgcnn().eval()
    extractor = Extractor(port_graph(question.sample, hub_cut=cut))
    asked = find_edges(question.circuit, gates_of(flat, SEAL_PINS, seed))
    rng = np.random.default_rng(seed)
    seconds, nodes, count = 0.0, 0, 0
    for edge in asked.tolist():
        _, nets = candidate_pairs(question.sample, np.array([edge]))
        nets = rng.choice(nets, min(SEAL_CANDIDATES, len(nets)), replace=False)
        begun = time.perf_counter()
        for net in nets.tolist():
            score_pin(network, extractor, edge, [net])
        seconds += time.perf_counter() - begun
        nodes += sum(len(extractor.enclose(edge, net).label) for net in nets.tolist())
        count += len(nets)
    return {"asked": len(asked), "seal_ms": 1e3 * seconds / count, "nodes": nodes / count}


if __name__ == "__main__":
    _file, _task, _pins, _seed = sys.argv[1:]
    sys.stdout.write(json.dumps(_main(_file, _task, int(_pins), int(_seed))))
