"""eda info --structures: the table, and the answer for programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Eda = Callable[..., Any]

RING = """* cells
.subckt inv a y vdd vss
MN y a vss vss nch
MP y a vdd vdd pch
.ends
.subckt mirror in o vdd
M1 in in vdd vdd pch w=1u l=1u
M2 o in vdd vdd pch w=3u l=1u
.ends
.model nch nmos
.model pch pmos
"""


def test_each_subcircuit_of_a_file_of_subcircuits(eda: Eda, tmp_path: Path) -> None:
    path = tmp_path / "cells.sp"
    path.write_text(RING)
    ran = eda("info", path, "--structures")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{path}, subcircuit inv: 1 structure\n\n"
        "structure      type  devices     nets\n"
        "-------------  ----  ----------  -------------------------------------------\n"
        "inverter/cmos  n     n MN, p MP  output y, input a, rail vss, other_rail vdd\n"
        "\nsignal path  MN, MP\n\n"
        f"{path}, subcircuit mirror: 2 structures\n\n"
        "structure                   type  devices                  nets\n"
        "--------------------------  ----  -----------------------  -----------------------------\n"
        "current_mirror/simple       p     reference M1, output M2  gate in, source vdd, output o\n"
        "diode_connected/transistor  p     diode M1                 gate in, source vdd\n\n"
        "matched, ratio  M1, M2  (1:3)\n"
        "signal path     M2, M1\n"
    )


def test_one_subcircuit_in_json(eda: Eda, tmp_path: Path) -> None:
    path = tmp_path / "cells.sp"
    path.write_text(RING)
    ran = eda("info", path, "--structures", "--subcircuit", "mirror", "--json")
    answer = json.loads(ran.out)
    assert (answer["schema"], answer["file"]) == ("eda.info.structures/1", str(path))
    (circuit,) = answer["circuits"]
    assert list(circuit) == [
        *("subcircuit", "structures", "matched_sets", "axes", "signal_path", "bias_path")
    ]
    assert circuit["structures"][0] == {
        "kind": "current_mirror",
        "rule": "current_mirror/simple",
        "polarity": "p",
        "devices": {"reference": ["M1"], "output": ["M2"]},
        "nets": {"gate": ["in"], "source": ["vdd"], "output": ["o"]},
    }
    assert circuit["matched_sets"] == [
        {
            "kind": "ratio",
            "devices": ["M1", "M2"],
            "rules": ["current_mirror/simple"],
            "ratios": [1.0, 3.0],
        }
    ]


def test_a_deck_is_one_circuit(eda: Eda, ota: Path) -> None:
    ran = eda("info", ota, "--structures", "--json")
    (circuit,) = json.loads(ran.out)["circuits"]
    assert circuit["subcircuit"] is None
    assert {"diff_pair", "tail", "current_mirror"} <= {
        item["kind"] for item in circuit["structures"]
    }


def test_a_name_that_is_not_there(eda: Eda, tmp_path: Path) -> None:
    path = tmp_path / "cells.sp"
    path.write_text(RING)
    ran = eda("info", path, "--structures", "--subcircuit", "miror")
    assert (ran.code, ran.out) == (2, "")
    assert "no subcircuit 'miror'; there is mirror" in ran.err
