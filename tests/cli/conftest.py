"""Running the command line inside the test process, and small netlists to run it on."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from eda.cli.app import run

OTA = """* five-transistor OTA with an open gate
M1 x  inp tail 0   nch w=10u l=1u
M2 out inn tail 0   nch w=10u l=1u
M3 x   x   vdd vdd pch w=20u l=1u
M4 out open4 vdd vdd pch w=20u l=1u   ; belongs on x
M5 tail bias 0 0 nch w=5u l=1u
M6 bias bias 0 0 nch w=5u l=1u
IB vdd bias 10u
VDD vdd 0 1.8
VIP inp 0 0.9
VIN inn 0 0.9
CL out 0 1p
.model nch nmos level=1 vto=0.5
.model pch pmos level=1 vto=-0.5
.end
"""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


Eda = Callable[..., Ran]


@pytest.fixture
def eda(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Eda:
    """Run the command line with these words, and ``stdin`` as its input."""

    def call(*words: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run([str(word) for word in words])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture
def ota(tmp_path: Path) -> Path:
    """A netlist with one open pin, M4.g."""
    path = tmp_path / "ota.sp"
    path.write_text(OTA)
    return path
