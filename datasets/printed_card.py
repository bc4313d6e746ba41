"""What a set of printed filters holds, counted, and its card for people."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from eda.datasets.printed import SPLITS, read_lines
from eda.datasets.printed_draw import VERSION
from eda.datasets.printed_kinds import BOARDS

_CARD: Final = """# Printed filters in full wave

{records} microstrip filters with the S-parameters that {solver} found; {failed} more could not be
drawn or solved. Made by

{commands}

Licence: CC0-1.0. The layouts are our own, drawn by chance; openEMS (GPL-3) solved them as a program
of its own. Sampler version {version}.

## What was drawn

Textbook layouts for a board, a frequency and a bandwidth; then widths and gaps were moved by 5 to
15 %, lengths of low-passes and notches too, lengths of band-passes by 5 % together and by parts of
the bandwidth against each other. All are symmetric, without vias, and keep the limits of a
specification: strips and gaps of 0.1 mm at least, strips that are not declared as coupled 2.5
heights apart. Boards: {boards}; four in ten with permittivity 2.2 to 10.2, height 0.25 to 1.6 mm
and loss 0.0005 to 0.02 by chance. Middle or edge 0.8 to 10 GHz where the board is 0.009 to 0.05
wavelengths high, bandwidths 3 to 20 %. Layouts that would take long to solve were passed over, so
narrow bands, high orders and narrow gaps on high boards are rarer than they were drawn.

| family | response | order | {parts} | |
|---|---|---:|{rules}---|
{table}

Each seed and index belongs to a part by a hash of both (train 70 %, validation 10 %, test 20 %);
orders that are left out of training are in `test` only, and `order_unseen` says so.

## How it was solved

{seconds:.0f} s on the clock in all, on one core that was shared with other work. For openEMS:

{measured}

## Format

`records.jsonl`, a filter a line; `eda.datasets.printed.load(folder)` reads it, and the head of that
module tells all fields. S-parameters are complex64 on 201 frequencies, closer where the response
bends; S22 is S11.
"""

MEASURED: Final = """\
* The mesh of `design-filter --full-wave`, but 15 cells in a wavelength where that has 20 (more on
  thin boards); a run is ended once its signals are foretold by the filter's modes.
* Nine of the layouts with the mesh of that command, ended 50 dB below the peak: centre or edge of
  the record within 0.16 % of that, width within 0.3 %, |S21| above -40 dB within 0.02 to 0.16 dB in
  the mean.
* Eight with a mesh 1.5 times as fine: centre or edge within 0.3 %, width within 2 %, |S21| within
  0.06 to 0.62 dB, all but a hairpin on FR-4 of 1.6 mm, which the finer mesh has 0.7 % lower and 4 %
  narrower.
* Copper is a sheet without thickness, its conductivity lowered for roughness; ports have 50 ohm."""
"""What was found of the settings on the set of seed 0."""


def summary(path: Path) -> dict[str, Any]:
    """Return how many filters a set has.

    Args:
        path: Folder or file.

    Returns:
        ``records``, ``failed``, ``order_unseen``, ``seconds``, ``splits`` and ``kinds``: of each
        "family, response, order" how many by part.
    """
    solved, failed = [], 0
    for line in read_lines(path):
        if "error" in line:
            failed += 1
        else:
            solved.append(line)
    kinds: dict[str, Counter[str]] = {}
    for line in solved:
        name = f"{line['family']}, {line['response']}, {line['order']}"
        kinds.setdefault(name, Counter())[line["split"]] += 1
    return {
        "records": len(solved),
        "failed": failed,
        "order_unseen": sum(line["order_unseen"] for line in solved),
        "seconds": round(sum(line["seconds"] for line in solved), 1),
        "splits": {part: sum(line["split"] == part for line in solved) for part in SPLITS},
        "kinds": {name: dict(kinds[name]) for name in sorted(kinds)},
    }


def card(path: Path) -> str:
    """Return the card of a set, as Markdown."""
    counted = summary(path)
    lines = list(read_lines(path))
    sets = Counter((line["seed"], line["drawn_family"]) for line in lines)
    commands = [
        f"    eda filters build-data --count {count} --seed {seed}"
        f"{f' --family {family}' if family else ''} -o DIR"
        for (seed, family), count in sets.items()
    ]
    unseen = {
        f"{line['family']}, {line['response']}, {line['order']}"
        for line in lines
        if line.get("order_unseen")
    }
    rows = [
        f"| {name.replace(', ', ' | ')} | "
        + " | ".join(str(counts.get(part, 0)) for part in SPLITS)
        + f" | {'order unseen' if name in unseen else ''} |"
        for name, counts in counted["kinds"].items()
    ]
    return _CARD.format(
        records=counted["records"],
        failed=counted["failed"],
        solver=" and ".join(sorted({line["solver"] for line in lines if "solver" in line})),
        commands="\n".join(commands),
        version=VERSION,
        boards=", ".join(
            dict.fromkeys(f"{name} of {height:g} mm" for name, _, height, _ in BOARDS)
        ),
        parts=" | ".join(SPLITS),
        rules="---:|" * len(SPLITS),
        table="\n".join(rows),
        seconds=counted["seconds"],
        measured=MEASURED,
    )
