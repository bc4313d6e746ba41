"""The shipped case, copies of it that can be broken, and plain ``ngspice -b`` to compare with."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.spice import Case, Corner, example_case
from eda.spice.case_kinds import Reading
from eda.spice.case_reader import example_folder

Change = Callable[..., Path]
Plain = Callable[..., dict[str, float]]


@pytest.fixture(scope="session")
def opamp() -> Case:
    """The case that is shipped."""
    return example_case()


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """Write a copy of the shipped case, its JSON and deck changed by two functions."""

    def write(
        change: Callable[[dict[str, Any]], object] = lambda case: None,
        deck: Callable[[str], str] = str,
    ) -> Path:
        folder = tmp_path / "circuits" / "mine"
        shutil.copytree(example_folder(), folder)
        path = folder / "case.json"
        case = json.loads(path.read_text())
        change(case)
        path.write_text(json.dumps(case))
        source = folder / "deck.cir"
        source.write_text(deck(source.read_text()))
        return folder

    return write


@pytest.fixture
def plain(tmp_path: Path) -> Plain:
    """Metrics of a case's own deck text, run by the ngspice program on its own."""
    if shutil.which("ngspice") is None:
        pytest.skip("the program ngspice is not installed")

    def metrics(
        case: Case, design: Mapping[str, float], corner: Corner | None = None
    ) -> dict[str, float]:
        commands = ["set num_threads=1", "set filetype=ascii", "set wr_singlescale"]
        for at, analysis in enumerate(case.analyses):
            commands.append(analysis.command())
            if analysis.kind == "noise":
                commands += [f"write {at}_total.raw", "setplot previous"]
            commands.append(f"write {at}.raw")
        block = "\n".join([".control", *commands, "quit 0", ".endc", ".end"])
        deck = tmp_path / "plain.cir"
        deck.write_text(case.deck(design, corner).replace(".end\n", f"{block}\n"))
        subprocess.run(
            ["ngspice", "-b", deck.name],
            cwd=tmp_path,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            capture_output=True,
            timeout=60,
            check=True,
        )
        values = case.parameters(design, corner or Corner())
        found = {}
        for at, (analysis, stage) in enumerate(zip(case.analyses, case.stages, strict=True)):
            arrays = _raw(tmp_path / f"{at}.raw")
            axis = next((arrays[n].real for n in ("time", "frequency") if n in arrays), np.zeros(0))
            totals = {}
            if analysis.kind == "noise":
                totals = {
                    n: float(v[0].real) for n, v in _raw(tmp_path / f"{at}_total.raw").items()
                }
            reading = Reading(axis, arrays, totals)
            for metric in stage:
                found[metric] = case.measures[metric].compute(reading, values)
        return found

    return metrics


def _raw(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """The vectors of an ASCII raw file."""
    head, _, body = path.read_text().partition("Values:\n")
    variables = head.partition("Variables:\n")[2].strip().splitlines()
    names = [line.split()[1].lower() for line in variables]
    # The program writes i(inoise_total) where the input is a current.
    names = [name[2:-1] if "noise_" in name and name[1:2] == "(" else name for name in names]
    numbers = [
        complex(*map(float, word.split(","))) if "," in word else complex(float(word))
        for row in body.split("\n\n")
        for word in row.split()[1:]
    ]
    table = np.array(numbers).reshape(-1, len(names))
    return {name: table[:, at] for at, name in enumerate(names)}
