"""The speed tables of `eda bench links`: the whole command, chips, and SEAL beside them."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from eda.bench.links_decks import chain_text, logic_text, tiled_text
from eda.bench.links_measure import measure
from eda.bench.table import Table
from eda.spice import parse_netlist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEMORY: Final = "sky130_sram_1kbyte_1rw1r_32x256_8.sp.gz"
PINS: Final = 1000
STAGES: Final = 12
COPIES: Final = 9
"""Of the memory, on the chip of a million devices."""
QUICK_SIZES: Final = (10_000, 30_000, 100_000)
FULL_SIZES: Final = (*QUICK_SIZES, 300_000, 1_000_000)


def speed_table(
    data: Path | None, *, full: bool = False, log: Callable[[str], None] | None = None
) -> Table:
    """Return seconds and memory of predictions and audits, from one stage to a chip.

    Each line is a process of its own; from the text of the netlist to the answer.

    Args:
        data: The folder of the corpora; the memory is left out where it is not there.
        full: Whether chips of a million devices are among them.
        log: Called with a line on what is being done.
    """
    say = log or (lambda _: None)
    rows: list[tuple[str | float | int | None, ...]] = [_command()]
    notes = [
        "the first line is the whole command, Python started anew, best of three",
        "pins asked are gates drawn with a seed, each hidden as if it alone were open; an audit"
        " asks for every pin, wires that are the same question once",
    ]
    with TemporaryDirectory() as folder:
        for name, path, task in _jobs(Path(folder), data, full=full):
            say(f"{task}: {name}")
            rows.append(_line(f"{task}: {name}", measure(path, task, pins=PINS)))
    return Table(
        "Speed",
        (
            *("what", "devices", "pins", "pins asked", "s", "of that reading"),
            *("us per pin", "Hits@1", "questions", "peak MB"),
        ),
        tuple(rows),
        tuple(notes),
    )


def seal_speed_table(data: Path | None) -> Table:
    """Return milliseconds per candidate of the model and of SEAL on a chip of 100,000 devices."""
    rows: list[tuple[Any, ...]] = []
    with TemporaryDirectory() as folder:
        decks = [("random logic", _written(Path(folder) / "logic.sp", logic_text(100_000)))]
        memory = _memory(data)
        if memory is not None:
            decks.append(("static memory", memory))
        for name, path in decks:
            ours = measure(path, "predict", pins=PINS)
            ours_ms = 1e3 * ours["total_s"] / ours["candidates"]
            rows.append((f"{name}: model", ours["devices"], round(ours_ms, 4), None, None))
            for title, task in (("SEAL, 2 hops", "seal"), ("SEAL, 2 hops, hub cut", "seal-cut")):
                theirs = measure(path, task)
                rows.append(
                    (
                        f"{name}: {title}",
                        theirs["devices"],
                        round(theirs["seal_ms"], 3),
                        round(theirs["nodes"]),
                        round(theirs["seal_ms"] / ours_ms, 1),
                    )
                )
    return Table(
        "Milliseconds per candidate beside SEAL, on a chip",
        ("method", "devices", "ms per candidate", "nodes per subgraph", "times the model"),
        tuple(rows),
        (
            f"model: all of reading, flattening, encoding and ranking, over the candidates of"
            f" {PINS} pins; SEAL: cutting out, labelling and scoring alone",
        ),
    )


def _jobs(folder: Path, data: Path | None, *, full: bool) -> Iterator[tuple[str, Path, str]]:
    """Yield (name, netlist, task), writing each netlist when its turn comes."""
    for size in FULL_SIZES if full else QUICK_SIZES:
        path = _written(folder / f"logic{size}.sp", logic_text(size))
        yield "random logic, flattened", path, "predict"
        if size == 100_000 or (full and size > 100_000):
            yield "random logic, flattened", path, "audit"
        path.unlink()
    memory = _memory(data)
    if memory is None:
        return
    yield "static memory, flattened", memory, "predict"
    yield "static memory, flattened", memory, "audit"
    if full:
        with gzip.open(memory, "rt", encoding="utf-8") as file:
            path = _written(folder / "tiled.sp", tiled_text(file.read(), COPIES))
        yield f"{COPIES} static memories", path, "predict"
        yield f"{COPIES} static memories", path, "audit"


def _line(name: str, found: dict[str, Any]) -> tuple[str | float | int | None, ...]:
    hits = found.get("hits_at_1")
    return (
        name,
        found["devices"],
        found["pins"],
        found["asked"],
        round(found["total_s"], 1),
        round(found["read_s"], 1),
        round(1e6 * found["total_s"] / found["pins"], 1),
        None if hits is None else round(hits, 3),
        found.get("questions"),
        round(found["peak_mb"]),
    )


def _memory(data: Path | None) -> Path | None:
    path = data / "spice" / "scale" / MEMORY if data is not None else None
    return path if path is not None and path.is_file() else None


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def _command() -> tuple[str | float | int | None, ...]:
    text = chain_text(STAGES)
    circuit = parse_netlist(text)
    with TemporaryDirectory() as folder:
        deck = _written(Path(folder) / "chain.sp", text)
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
    pins = sum(len(device.roles) for device in circuit.devices)
    best = round(min(seconds), 2)
    return (
        "eda predict-links",
        len(circuit.devices),
        pins,
        *(1, best, None, None, None, None, peak),
    )
