"""``eda doctor``: what is installed, and what to do where something is missing."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from ctypes.util import find_library
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from eda.cli.options import Json
from eda.cli.output import complain, put, put_json, put_table
from eda.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.spice import Pdk

SCHEMA = "eda.doctor/1"
MISSING = 3

Status = Literal["ok", "missing", "optional"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for.

    Attributes:
        name: What.
        status: ``ok``; ``missing``, so that something does not work; ``optional``, if absent.
        found: Version or place.
        advice: What to do about it.
    """

    name: str
    status: Status
    found: str = ""
    advice: str = ""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", short_help="Tell what is installed, and what is not.")(doctor)


def doctor(json: Json = False) -> None:
    """Tell what is installed, and which PDKs are known; exit code 3 where ngspice is missing."""
    checks = list(examine())
    kits, wrong = _kits()
    if json:
        put_json(
            SCHEMA,
            {"checks": [asdict(item) for item in checks], "pdks": [_answer(kit) for kit in kits]},
        )
    else:
        put_table(
            ((item.name, item.status, item.found, item.advice) for item in checks),
            headers=("what", "status", "found", "what to do"),
        )
        if kits:
            put("")
            put_table(map(_row, kits), headers=("pdk", "status", "root", "corners", "told by"))
        for kit in kits:
            for problem in kit.problems():
                complain(f"{kit.name}: {problem}")
    if wrong:
        raise InputError(wrong)
    if any(item.name == "ngspice" and item.status == "missing" for item in checks):
        raise typer.Exit(MISSING)


def _kits() -> tuple[list[Pdk], str]:
    """Return the design kits, or what is wrong with the file that names them."""
    from eda.spice import find_pdks

    try:
        return list(find_pdks().values()), ""
    except ConfigError as error:
        return [], str(error)


def _row(kit: Pdk) -> tuple[str, ...]:
    status = "missing" if kit.problems() else "ok"
    return (kit.name, status, str(kit.root), ", ".join(kit.corners) or "none", kit.told_by)


def _answer(kit: Pdk) -> dict[str, Any]:
    from eda.spice.pdk import sections

    return {
        "name": kit.name,
        "root": str(kit.root),
        "told_by": kit.told_by,
        "corners": {name: list(cards) for name, cards in kit.corners.items()},
        "files": [
            {"path": str(path), "exists": path.is_file(), "sections": sections(path)}
            for path in kit.files()
        ],
        "problems": kit.problems(),
    }


def examine() -> Iterator[Check]:
    """Yield what was looked for, the needed things first."""
    yield Check("python", "ok", platform.python_version())
    for package, use in (
        ("eda-toolkit", "the project itself"),
        ("torch", "training"),
        ("torch-geometric", "training and to_pyg()"),
        ("networkx", "graphs"),
        ("PySpice", "simulation"),
        ("safetensors", "weights"),
    ):
        yield _package(package, use)
    yield _ngspice()
    yield _libngspice()
    yield _abc()
    yield _openems()
    yield _corpora()


def _package(name: str, use: str) -> Check:
    # The version is read from the package's metadata: importing torch takes seconds.
    try:
        return Check(name, "ok", metadata.version(name))
    except metadata.PackageNotFoundError:
        return Check(name, "missing", "", f"needed for {use}: run ./bootstrap")


def _ngspice() -> Check:
    program = shutil.which("ngspice")
    if program is None:
        return Check(
            "ngspice", "missing", "", "needed to simulate: run ./bootstrap, or install ngspice"
        )
    try:
        run = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("ngspice", "missing", program, f"does not run ({error}): install it again")
    version = next((word for word in run.stdout.split() if word.startswith("ngspice-")), "")
    return Check("ngspice", "ok", f"{version or 'version unknown'}, {program}")


def _libngspice() -> Check:
    found = os.environ.get("NGSPICE_LIBRARY_PATH") or find_library("ngspice")
    if found:
        return Check("libngspice", "ok", found)
    return Check("libngspice", "missing", "", "needed to simulate in-process: run ./bootstrap")


def _abc() -> Check:
    for name in ("berkeley-abc", "yosys-abc", "abc"):
        if program := shutil.which(name):
            return Check("abc", "ok", program)
    return Check("abc", "optional", "", "only for logic: run ./bootstrap, or install berkeley-abc")


def _openems() -> Check:
    if program := shutil.which("openEMS"):
        return Check("openEMS", "ok", program)
    return Check("openEMS", "optional", "", "for --full-wave: apt-get install openems")


def _corpora() -> Check:
    given = os.environ.get("EDA_DATA", "")
    if not given:
        return Check("EDA_DATA", "optional", "", "set it to a folder of corpora, for training")
    folder = Path(given)
    if not folder.is_dir():
        return Check("EDA_DATA", "missing", given, "there is no such folder: set it anew")
    return Check("EDA_DATA", "ok", f"{given} ({', '.join(sorted(_folders(folder)))})")


def _folders(folder: Path) -> list[str]:
    return [item.name for item in folder.iterdir() if item.is_dir()]
