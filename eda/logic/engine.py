"""Running recipes on a circuit: with limits, and what was made read back strictly."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import eda.aig
from eda.aig import aiger_bytes, parse_aiger, strash
from eda.errors import AigerError
from eda.logic.abc import bare, find_abc, run_abc
from eda.logic.recipes import COMPRESS2RS, RECIPES, Recipe
from eda.process import run_limited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.aig import Aig


@dataclass(frozen=True, slots=True)
class Made:
    """What a recipe made.

    Attributes:
        circuits: The circuit after each whole step.
        seconds: Processor time.
    """

    circuits: tuple[Aig, ...]
    seconds: float


def usable() -> tuple[Recipe, ...]:
    """Return the recipes that can run here: all of them with ABC, else those of aigverse."""
    return RECIPES if find_abc() else tuple(r for r in RECIPES if r.engine == "aigverse")


def run_steps(
    aig: Aig, recipes: list[Recipe], *, seconds: float, share: float = 1.0, seed: int = 0
) -> Made:
    """Run recipes of one engine, one behind the other in one process.

    Args:
        aig: A combinational circuit.
        recipes: All with the same engine.
        seconds: Processor time for all of it; the process is killed when it is over.
        share: The part of it that an anytime step may take.
        seed: For steps that chance enters.

    Returns:
        What was made, with the interface of ``aig``; nothing of it is proved.
    """
    steps = [
        step.format(seconds=max(1, int(seconds * share)), seed=seed % 100)
        for recipe in recipes
        for step in recipe.steps
    ]
    names = [f"{at}.aig" for at in range(len(steps))]
    if recipes[0].engine == "abc":
        lines = ["source -s alias.rc", "read_aiger in.aig", "strash"]
        for step, name in zip(steps, names, strict=True):
            lines += [step, f"write_aiger {name}"]
        made = run_abc(
            "; ".join(lines),
            circuits={"in.aig": aig},
            wanted=names,
            seconds=seconds,
            # &deepsyn calls it by this name, which ABC's own start-up file would define.
            texts={"alias.rc": f'alias compress2rs "{COMPRESS2RS}"\n'},
        )
        files, used = made.files, made.ran.seconds
    else:
        files, used = _aigverse(aig, steps, seconds)
    found = []
    for name in names:
        circuit = _read(files.get(name), aig)
        if circuit is not None:
            found.append(circuit)
    return Made(tuple(found), used)


@dataclass(frozen=True, slots=True)
class MadePieces:
    """What became of windows: circuits by the number of the window, and processor time."""

    circuits: dict[int, Aig]
    seconds: float


def run_pieces(windows: Mapping[int, Aig], steps: str, *, seconds: float) -> MadePieces:
    """Run one script on each of some windows, in one process of ABC.

    Args:
        windows: Circuits by number.
        steps: The script.
        seconds: Processor time for all; windows that are not done by then are missing.
    """
    lines = ["source -s alias.rc"]
    for at in windows:
        lines += [f"read_aiger w{at}.aig", "strash", steps, f"write_aiger {at}.aig"]
    made = run_abc(
        "; ".join(lines),
        circuits={f"w{at}.aig": logic for at, logic in windows.items()},
        wanted=[f"{at}.aig" for at in windows],
        seconds=seconds,
        texts={"alias.rc": f'alias compress2rs "{COMPRESS2RS}"\n'},
    )
    found = {at: _read(made.files.get(f"{at}.aig"), logic) for at, logic in windows.items()}
    return MadePieces({at: x for at, x in found.items() if x is not None}, made.ran.seconds)


def _aigverse(aig: Aig, steps: list[str], seconds: float) -> tuple[dict[str, bytes], float]:
    root = str(Path(eda.aig.__file__).parents[2])
    path = os.pathsep.join([root, *(item for item in sys.path if item)])
    with tempfile.TemporaryDirectory(prefix="eda-aigverse-") as folder:
        (Path(folder) / "in.aig").write_bytes(aiger_bytes(bare(aig)))
        ran = run_limited(
            [sys.executable, "-P", "-m", "eda.logic.aigverse_worker", "in.aig", *steps],
            folder=folder,
            seconds=seconds,
            environment={"PYTHONPATH": path},
        )
        paths = {f"{at}.aig": Path(folder) / f"{at}.aig" for at in range(len(steps))}
        return {name: p.read_bytes() for name, p in paths.items() if p.is_file()}, ran.seconds


def _read(data: bytes | None, like: Aig) -> Aig | None:
    """Read a circuit that a program wrote; a killed one may have left half a file."""
    if not data:
        return None
    try:
        made = strash(parse_aiger(data, path="a recipe's result"))
    except AigerError:
        return None
    if made.num_inputs != like.num_inputs or len(made.roots) != len(like.roots):
        return None
    return made
