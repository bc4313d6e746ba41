"""Yosys: Verilog that describes behaviour, made into gates in a process with limits."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.aig import parse_aiger
from eda.errors import AigerError, ToolNotFoundError
from eda.process import run_limited

if TYPE_CHECKING:
    from eda.aig import Aig

SECONDS: Final = 120.0
_SCRIPT: Final = (
    "read_verilog {reading} design.v; hierarchy -auto-top; proc; flatten; opt; memory; opt; "
    "techmap; opt; async2sync; dffunmap; setundef -undriven -zero; setundef -zero; "
    "opt -nodffe -nosdff; aigmap; opt_clean; write_aiger -ascii -symbols made.aag"
)


def find_yosys() -> str | None:
    """Return where Yosys is, or None."""
    return shutil.which("yosys")


def read_rtl(text: str, path: str, *, system: bool = False, seconds: float = SECONDS) -> Aig:
    """Return behaviour as an AIG; values that are unknown or driven by nothing become 0.

    Args:
        text: A design in Verilog, all of it; includes are not followed.
        path: What messages call it.
        system: Whether it is SystemVerilog.
        seconds: Processor time that Yosys may use.

    Raises:
        ToolNotFoundError: Yosys is not installed.
        AigerError: Yosys refuses the design, or does not end in time.
    """
    program = find_yosys()
    if program is None:
        raise ToolNotFoundError(
            f"{path}: describes behaviour, which yosys makes into gates, and yosys is not "
            "installed; install it, or give a netlist of gates"
        )
    if "`include" in text:
        raise AigerError(f"{path}: includes other files; give one whole file", path=path)
    with tempfile.TemporaryDirectory(prefix="eda-yosys-") as folder:
        (Path(folder) / "design.v").write_text(text, encoding="utf-8", errors="surrogateescape")
        script = _SCRIPT.format(reading="-sv" if system else "")
        ran = run_limited([program, "-q", "-p", script], folder=folder, seconds=seconds)
        made = Path(folder) / "made.aag"
        if ran.code or not made.is_file():
            lines = [line for line in ran.text.splitlines() if "ERROR" in line]
            why = lines[0].strip() if lines else ran.why or "yosys wrote nothing"
            raise AigerError(f"{path}: {why.replace('design.v', path)}", path=path)
        return replace(parse_aiger(made.read_bytes(), path=path), comment="")
