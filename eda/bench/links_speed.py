"""The speed table of `eda bench links`: the whole command, and pins of a chip-sized memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eda.bench.table import Table
from eda.links import predict_links
from eda.spice import parse_netlist, read_netlist

MEMORY = "sky130_sram_1kbyte_1rw1r_32x256_8.sp.gz"
PINS = 1000
STAGES = 12


def speed_table(data: Path | None) -> Table:
    """Return seconds and memory of predictions, from one stage to a memory.

    Args:
        data: The folder of the corpora; the memory is left out where it is not there.
    """
    rows: list[tuple[str | float | int | None, ...]] = [_command()]
    memory = data / "spice" / "scale" / MEMORY if data is not None else None
    if memory is not None and memory.is_file():
        rows.append(_memory(memory))
    return Table(
        "Speed",
        ("what", "devices", "pins asked", "s", "of that reading", "Hits@1", "peak MB"),
        tuple(rows),
        (
            "the first line is the whole command, Python started anew, best of three",
            "the memory's pins are gates drawn with a seed, each hidden as if it alone were open",
        ),
    )


def chain_text(stages: int) -> str:
    """Return a chain of differential stages, one gate of the last of them on a loose net."""
    lines = ["* chain of differential stages"]
    for k in range(stages):
        load = "loose" if k == stages - 1 else f"x{k}"
        lines += [
            f"MA{k} x{k} in{k} t{k} vss nch w=2u l=1u",
            f"MB{k} in{k + 1} ref t{k} vss nch w=2u l=1u",
            f"MC{k} x{k} x{k} vdd vdd pch w=4u l=1u",
            f"MD{k} in{k + 1} {load} vdd vdd pch w=4u l=1u",
        ]
        lines.append(f"MT{k} t{k} vb vss vss nch w=2u l=1u")
    return "\n".join([*lines, "VDD vdd 0 1.8", "VSS vss 0 0", "VIN in0 0 0.9", ".end", ""])


def _command() -> tuple[str | float | int | None, ...]:
    text = chain_text(STAGES)
    devices = len(parse_netlist(text).devices)
    with TemporaryDirectory() as folder:
        deck = Path(folder) / "chain.sp"
        deck.write_text(text)
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "eda.cli", "predict-links", str(deck), "--json"],
                cwd=folder,
                capture_output=True,
                check=True,
            )
            seconds.append(time.perf_counter() - begun)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return "eda predict-links", devices, 1, round(min(seconds), 2), None, None, peak


def _memory(path: Path) -> tuple[str | float | int | None, ...]:
    begun = time.perf_counter()
    flat = read_netlist(path).flatten()
    read = time.perf_counter() - begun
    chosen = np.random.default_rng(0).choice(len(flat.devices), size=PINS, replace=False)
    pins = [(flat.devices[at].name, "g") for at in sorted(chosen.tolist())]
    answers = predict_links(flat, pins=pins, top=1)
    seconds = time.perf_counter() - begun
    right = sum(
        answer.candidates[0].net == flat.device(answer.device).net(answer.pin) for answer in answers
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        "static memory, flattened",
        len(flat.devices),
        PINS,
        round(seconds, 1),
        round(read, 1),
        round(right / PINS, 3),
        peak,
    )
