"""Logic files: which format a file has, reading it, and writing another one.

======== =========================================== ===== ======
format   ending                                      reads writes
======== =========================================== ===== ======
aag      .aag, AIGER in ASCII                        yes   yes
aig      .aig, binary AIGER                          yes   yes
blif     .blif                                       yes   yes
bench    .bench                                      yes   yes
pla      .pla                                        yes   no
verilog  .v .sv: gates; behaviour through Yosys      yes   yes
======== =========================================== ===== ======
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.aig import aiger_bytes, parse_aiger
from eda.errors import AigerError

if TYPE_CHECKING:
    from eda.aig import Aig

FORMATS: Final = ("aag", "aig", "blif", "bench", "pla", "verilog")
WRITTEN: Final = ("aag", "aig", "blif", "bench", "verilog")
SUFFIXES: Final = {
    ".aag": "aag",
    ".aig": "aig",
    ".aiger": "aig",
    ".blif": "blif",
    ".bench": "bench",
    ".pla": "pla",
    ".v": "verilog",
    ".vg": "verilog",
    ".sv": "verilog",
}
MAX_TEXT_BYTES: Final = 256 << 20

_AIGER: Final = re.compile(rb"a[ai]g( \d+){5,9}\s")


def logic_format(path: str | os.PathLike[str], head: bytes = b"") -> str | None:
    """Return the format of a logic file: by its first bytes, or else by its ending.

    Returns:
        One of `FORMATS`, or None where it is no logic file. Verilog counts as logic where its
        first bytes show primitives, expressions or behaviour, and not only cells.
    """
    if _AIGER.match(head):
        return "aag" if head[1:2] == b"a" else "aig"
    found = SUFFIXES.get(Path(path).suffix.lower())
    if found == "verilog" and head:
        from eda.logic.verilog import looks_like_gates

        return found if looks_like_gates(head.decode("utf-8", "replace")) else None
    if found is None and head:
        text = head.decode("latin-1")
        if re.search(r"^\.(?:inputs|outputs|names)\s", text, re.MULTILINE):
            return "blif"
        if re.search(r"^\.i\s+\d+\s*$", text, re.MULTILINE):
            return "pla"
        if re.search(r"^\s*INPUT\s*\(", text, re.MULTILINE):
            return "bench"
    return found


def read_logic(path: str | os.PathLike[str], *, format: str | None = None) -> Aig:
    """Read a file of logic as an AIG.

    Args:
        path: The file; "-" is standard input.
        format: One of `FORMATS`; by default what the file begins with, or its ending, says.

    Raises:
        AigerError: It cannot be read, is malformed, or of no format that is known.
        ToolNotFoundError: It describes behaviour, and Yosys is not installed.
    """
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except OSError as error:
        raise AigerError(
            f"{path}: cannot be read: {error.strerror or error}", path=str(path)
        ) from error
    return parse_logic(data, path=str(path), format=format)


def parse_logic(data: bytes, *, path: str = "<logic>", format: str | None = None) -> Aig:
    """Read logic from bytes; see `read_logic`."""
    if format is None:
        format = logic_format(path, data[: 1 << 16]) or SUFFIXES.get(Path(path).suffix.lower())
    if format is None:
        raise AigerError(
            f"{path}: no format that is known; there are: {', '.join(FORMATS)}", path=path
        )
    if format in ("aag", "aig"):
        return parse_aiger(data, path=path)
    if len(data) > MAX_TEXT_BYTES:
        raise AigerError(f"{path}: more than {MAX_TEXT_BYTES >> 20} MB of text", path=path)
    text = data.decode("utf-8", "surrogateescape")
    if format == "blif":
        from eda.logic.blif import parse_blif

        return parse_blif(text, path)
    if format == "bench":
        from eda.logic.bench import parse_bench

        return parse_bench(text, path)
    if format == "pla":
        from eda.logic.pla import parse_pla

        return parse_pla(text, path).to_aig()
    return _verilog(text, path)


def _verilog(text: str, path: str) -> Aig:
    from eda.logic.verilog import BehaviourError, parse_verilog
    from eda.logic.yosys import find_yosys, read_rtl

    try:
        return parse_verilog(text, path)
    except BehaviourError as error:
        if find_yosys() is None:
            raise AigerError(
                f"{error}; yosys, which could make gates of it, is not installed",
                path=path,
                line=error.line,
            ) from error
        return read_rtl(text, path, system=path.endswith(".sv"))


def logic_bytes(aig: Aig, format: str) -> bytes:
    """Return an AIG in one of the formats of `WRITTEN`.

    Raises:
        AigerError: The format cannot say all of it, or is none of them.
    """
    if format in ("aag", "aig"):
        return aiger_bytes(aig, ascii=format == "aag")
    if format == "blif":
        from eda.logic.blif import blif_text as write
    elif format == "bench":
        from eda.logic.bench import bench_text as write
    elif format == "verilog":
        from eda.logic.verilog import verilog_text as write
    else:
        raise AigerError(f"{format} is not written; there are: {', '.join(WRITTEN)}")
    return write(aig).encode("utf-8", "surrogateescape")


def write_logic(aig: Aig, path: str | os.PathLike[str], *, format: str | None = None) -> None:
    """Write an AIG; the file is complete or not there.

    Args:
        aig: The logic.
        path: Where to.
        format: One of `WRITTEN`; by default that of the ending.

    Raises:
        AigerError: The format cannot say all of it, or the file cannot be written.
    """
    path = Path(path)
    format = format or SUFFIXES.get(path.suffix.lower(), "aig")
    data = logic_bytes(aig, format)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        raise AigerError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
