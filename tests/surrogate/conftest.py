"""A small case that simulates in milliseconds: a common-source stage with a resistor."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.errors import ToolNotFoundError
from eda.spice import Case, read_case
from eda.spice.ngspice_shared import library_path
from eda.surrogate.data import CaseData, build_data

DECK = """tiny: common-source stage
.model n nmos level=1 vto=0.45 kp=250u lambda=0.1 gamma=0.3 phi=0.8 tox=4n cgso=0.3n cgdo=0.3n
.param w=1e-05 rd=20000
.param vdd=1.8 vin=0.6 cl=1e-12
v1 vdd 0 dc {vdd}
vg in 0 dc {vin} ac 1
rd vdd out {rd}
m1 out in 0 0 n w={w} l=1e-06
cl out 0 {cl}
.temp 27
.end
"""


def case_json(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": "tiny",
        "design_parameters": {
            "w": {"lo": 2e-6, "hi": 4e-5, "nominal": 1e-5, "scale": "log", "kind": "width"},
            "rd": {"lo": 2e3, "hi": 1e5, "nominal": 2e4, "scale": "log", "kind": "res"},
        },
        "fixed_parameters": {"vdd": 1.8, "vin": 0.6, "cl": 1e-12},
        "analyses_in_cost_order": ["op", "ac dec 10 1 10g"],
        "measures": {
            "power_w": {
                "kind": "supply_power",
                "analysis": "op",
                "source": "v1",
                "supply_v": "vdd",
            },
            "gain_db": {"kind": "gain_db", "analysis": "ac", "output": "v(out)", "at_hz": 1.0},
            "ugbw_hz": {"kind": "unity_gain_hz", "analysis": "ac", "output": "v(out)"},
        },
        "metric_stages_cheap_to_dear": [["power_w"], ["gain_db", "ugbw_hz"]],
        "direction": {"power_w": "max", "gain_db": "min", "ugbw_hz": "min"},
    }
    return {**made, **changes}


def write_case(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True)
    (folder / "deck.cir").write_text(DECK, "utf-8")
    (folder / "case.json").write_text(json.dumps(case_json(**changes)), "utf-8")
    return folder


@pytest.fixture(scope="session")
def write() -> Callable[..., Path]:
    """Writes the case, with changed fields, into a folder."""
    return write_case


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_case(tmp_path_factory.mktemp("case") / "tiny")


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Case:
    """The case; it is read without ngspice."""
    return read_case(tiny_folder)


@pytest.fixture(scope="session")
def ngspice(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where libngspice is not installed, and leave the user's cache alone."""
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")


@pytest.fixture(scope="session")
def tiny_data(tiny: Case, ngspice: None, tmp_path_factory: pytest.TempPathFactory) -> CaseData:
    """120 simulated designs of it."""
    out = tmp_path_factory.mktemp("data") / "tiny.npz"
    return build_data(tiny, count=120, out=out, workers=1)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
