"""The folder of a sizing run: what was asked, every simulation, the answer, the report."""

from __future__ import annotations

import csv
import json
import os
import platform
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.agents.goal import Goal, shortfall
from eda.agents.ledger import JOURNAL
from eda.agents.report import html_report
from eda.errors import InputError
from eda.spice import case_fields as read
from eda.spice.case_fields import Place

if TYPE_CHECKING:
    from eda.agents.result import SizingResult

CONFIG: Final = "config.json"
REPORT: Final = "report.html"


def new_folder(root: Path, name: str) -> Path:
    """Return a folder under a root that no run has used: NAME, NAME-2, NAME-3, ..."""
    for number in range(1, 100_000):
        path = root / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as problem:
            raise InputError(f"{path} cannot be made: {problem.strerror}") from None
        return path
    raise InputError(f"{root} is full of runs named {name}; remove some")


def is_run(folder: Path) -> bool:
    """Return whether a folder holds a run."""
    return (folder / CONFIG).is_file() or (folder / JOURNAL).is_file()


def write_config(folder: Path, given: Mapping[str, Any]) -> None:
    """Write what a run was asked for, so that it can be resumed with nothing but its folder."""
    write(folder / CONFIG, json.dumps({**given, "versions": versions()}, indent=1) + "\n")


def read_config(folder: Path) -> dict[str, Any]:
    """Return what a run was asked for.

    Raises:
        SpecError: The folder holds no run, or its config is damaged.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise InputError(f"{folder} holds no run: there is no {CONFIG} in it")
    return read.an_object(read.read_json(path), Place(str(path)))


def goal_object(goal: Goal) -> dict[str, Any]:
    """Return a goal as the object of a spec file."""
    made: dict[str, Any] = {
        "targets": {name: {"op": t.op, "value": t.value} for name, t in goal.targets.items()}
    }
    if goal.objective is not None:
        made["objective"] = {"metric": goal.objective.metric, "sense": goal.objective.sense}
    if goal.name:
        made["name"] = goal.name
    return made


def write_run(result: SizingResult, folder: Path, *, netlist: str = "") -> Path:
    """Write metrics.csv, summary.json, design.json, sized.cir and report.html; return the last."""
    write(folder / "metrics.csv", _table(result))
    write(folder / "summary.json", json.dumps(result.to_dict(), indent=1) + "\n")
    write(folder / "design.json", json.dumps(dict(result.design), indent=1) + "\n")
    write(folder / "sized.cir", netlist or result.case.deck(result.design))
    write(folder / REPORT, html_report(result, netlist=netlist))
    return folder / REPORT


def versions() -> dict[str, str]:
    """Return what a run depends on."""
    from importlib.metadata import PackageNotFoundError, version

    made = {"python": platform.python_version()}
    for name in ("numpy", "scipy", "torch"):
        try:
            made[name] = version(name)
        except PackageNotFoundError:
            continue
    return made


def write(path: Path, text: str) -> None:
    """Write a text whole or not at all."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def _table(result: SizingResult) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [item.name for item in result.case.design_parameters]
    writer.writerow(["online", "status", "shortfall", *names, *result.case.metrics])
    for trial in result.trials:
        metrics = trial.result.metrics
        gap = shortfall(result.case, result.goal, metrics)
        cells = [f"{metrics[m]:.6g}" if m in metrics else "" for m in result.case.metrics]
        sizes = [f"{trial.design[name]:.9g}" for name in names]
        writer.writerow([trial.number, trial.result.status.value, f"{gap:.4g}", *sizes, *cells])
    return out.getvalue()
