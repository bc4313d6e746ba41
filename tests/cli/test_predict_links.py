"""``eda predict-links``: open pins, asked pins, tables, JSON, and writing the answer back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eda import links
from eda.spice import read_netlist

Eda = Callable[..., Any]


def test_the_open_gate_is_ranked_first_on_its_net(ota: Path, eda: Eda) -> None:
    ran = eda("predict-links", ota, "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert list(answer) == ["schema", "file", "open_pins"]
    assert answer["schema"] == "eda.predict-links/1"
    assert answer["file"] == str(ota)
    (pin,) = answer["open_pins"]
    assert list(pin) == ["device", "pin", "candidates"]
    assert (pin["device"], pin["pin"]) == ("M4", "g")
    assert all(list(item) == ["net", "probability", "findings"] for item in pin["candidates"])
    assert pin["candidates"][0]["net"] == "x"
    chances = [item["probability"] for item in pin["candidates"]]
    assert sum(chances) == pytest.approx(1, abs=1e-4)
    assert chances == sorted(chances, reverse=True)
    nets = [item["net"] for item in pin["candidates"]]
    assert None in nets
    assert set(nets) - {None} == {"x", "inp", "tail", "out", "inn", "vdd", "bias", "0"}


def test_table(ota: Path, eda: Eda) -> None:
    ran = eda("predict-links", ota)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == f"{ota}: 1 open pin, 11 devices, 9 nets"
    assert lines[2].split() == ["pin", "net", "probability", "breaks"]
    assert lines[4].split()[:2] == ["M4.g", "x"]
    assert len(lines) == 4 + 5


def test_top(ota: Path, eda: Eda) -> None:
    answer = json.loads(eda("predict-links", ota, "--top", "2", "--json").out)
    assert [len(pin["candidates"]) for pin in answer["open_pins"]] == [2]


@pytest.mark.parametrize("pin", ["M2.g", "m2.2", "M2.G"])
def test_a_pin_by_role_or_number(pin: str, ota: Path, eda: Eda) -> None:
    answer = json.loads(eda("predict-links", ota, "--pin", pin, "--json").out)
    (asked,) = answer["open_pins"]
    assert (asked["device"].upper(), asked["pin"].lower()) == ("M2", "g")


def test_several_pins(ota: Path, eda: Eda) -> None:
    answer = json.loads(eda("predict-links", ota, "--pin", "M2.g", "--pin", "M1.d", "--json").out)
    assert [(pin["device"], pin["pin"]) for pin in answer["open_pins"]] == [
        ("M2", "g"),
        ("M1", "d"),
    ]


@pytest.mark.parametrize(
    ("pin", "message"),
    [
        ("M2", "'M2' names no pin; write device.role, as M3.g"),
        (".g", "'.g' names no pin; write device.role, as M3.g"),
        ("M2.5", "M2 has no pin number 5; it has 4: d, g, s, b"),
    ],
)
def test_a_pin_that_is_none(pin: str, message: str, ota: Path, eda: Eda) -> None:
    ran = eda("predict-links", ota, "--pin", pin)
    assert (ran.code, ran.out, ran.err) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize("pin", ["M9.g", "M2.q"])
def test_a_pin_the_circuit_does_not_have(pin: str, ota: Path, eda: Eda) -> None:
    ran = eda("predict-links", ota, "--pin", pin)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert pin.partition(".")[0] in ran.err


def test_apply_changes_one_token_and_nothing_else(ota: Path, eda: Eda) -> None:
    out = ota.parent / "out.sp"
    ran = eda("predict-links", ota, "--apply", out, "--json")
    assert ran.code == 0
    assert ran.err == f"wrote {out}: M4.g on x\n"
    assert out.read_text() == ota.read_text().replace("open4", "x")
    assert json.loads(eda("predict-links", out, "--json").out)["open_pins"] == []


def test_question_marks_are_pins_of_their_own(ota: Path, eda: Eda) -> None:
    text = ota.read_text().replace("open4", "?").replace("out inn tail", "out ? tail")
    ota.write_text(text)
    answer = json.loads(eda("predict-links", ota, "--json").out)
    assert [(pin["device"], pin["pin"]) for pin in answer["open_pins"]] == [
        ("M2", "g"),
        ("M4", "g"),
        ("VIN", "p"),
    ]
    out = ota.parent / "out.sp"
    ran = eda("predict-links", ota, "--apply", out)
    assert ran.code == 0
    written = out.read_text()
    left = ran.err.partition("on none of the nets: ")[2].strip()
    filled = {"M2.g", "M4.g"} - set(left.split(", "))
    assert "M4.g on x" in ran.err
    assert written.count("?") == 2 - len(filled)
    changed = [
        (old, new)
        for old, new in zip(text.splitlines(), written.splitlines(), strict=True)
        if old != new
    ]
    assert {old.split()[0] for old, _ in changed} <= {"M2", "M4", "VIN"}


def test_apply_does_not_overwrite_the_input(ota: Path, eda: Eda) -> None:
    before = ota.read_text()
    ran = eda("predict-links", ota, "--apply", ota)
    assert ran.code == 2
    assert ran.err.endswith(
        f"error: {ota} is the input and would be overwritten; name another file\n"
    )
    assert ota.read_text() == before


def test_a_netlist_without_open_pins(tmp_path: Path, eda: Eda) -> None:
    path = tmp_path / "divider.sp"
    path.write_text("* divider\nV1 in 0 1\nR1 in out 1k\nR2 out 0 1k\n.end\n")
    ran = eda("predict-links", path)
    assert (ran.code, ran.out) == (0, f"{path}: no open pin among 3 devices\n")


HIERARCHY = """* a current mirror in a subcircuit
.subckt mirror in out
M1 in in 0 0 nch
M2 out lonely 0 0 nch   ; belongs on in
.ends
X1 a b mirror
IA vdd a 10u
RB vdd b 1k
VDD vdd 0 1.8
.model nch nmos level=1
"""


def test_pins_inside_instances_are_ranked_but_not_applied(tmp_path: Path, eda: Eda) -> None:
    path, out = tmp_path / "a.sp", tmp_path / "out.sp"
    path.write_text(HIERARCHY)
    answer = json.loads(eda("predict-links", path, "--json").out)
    assert [(pin["device"], pin["pin"]) for pin in answer["open_pins"]] == [("X1.M2", "g")]
    ran = eda("predict-links", path, "--apply", out)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("error: X1.M2 is inside an instance")
    assert "--subcircuit" in ran.err
    assert not out.exists()


def test_a_chosen_subcircuit_is_applied_in_place(tmp_path: Path, eda: Eda) -> None:
    path, out = tmp_path / "a.sp", tmp_path / "out.sp"
    path.write_text(HIERARCHY)
    ran = eda("predict-links", path, "--subcircuit", "mirror", "--apply", out)
    assert ran.code == 0
    assert ran.err == f"wrote {out}: M2.g on in\n"
    assert out.read_text() == HIERARCHY.replace("lonely", "in")


def test_audit(ota: Path, eda: Eda) -> None:
    answer = json.loads(eda("predict-links", ota, "--audit", "--json").out)
    assert list(answer) == ["schema", "wires"]
    assert answer["schema"] == "eda.predict-links.audit/1"
    keys = ["device", "pin", "net", "probability", "better", "alike"]
    assert answer["wires"]
    assert all(list(wire) == keys for wire in answer["wires"])
    wires = links.audit_links(read_netlist(ota))
    assert [(wire["device"], wire["pin"]) for wire in answer["wires"]] == [
        (wire.device, wire.pin) for wire in wires
    ]
    table = eda("predict-links", ota, "--audit", "--top", "3")
    assert table.code == 0
    assert len(table.out.splitlines()) == 4 + 3


def test_selftest(ota: Path, eda: Eda) -> None:
    answer = json.loads(eda("predict-links", ota, "--selftest", "--json").out)
    assert list(answer) == ["schema", "queries", "hits_at_1", "hits_at_3", "mrr"]
    assert answer["schema"] == "eda.predict-links.selftest/1"
    assert answer["queries"] > 0
    assert 0 <= answer["hits_at_1"] <= answer["hits_at_3"] <= 1
    again = json.loads(eda("predict-links", ota, "--selftest", "--seed", "0", "--json").out)
    assert again == answer
    assert "mean reciprocal rank" in eda("predict-links", ota, "--selftest").out


def test_standard_input(ota: Path, eda: Eda) -> None:
    ran = eda("predict-links", "-", "--json", stdin=ota.read_bytes())
    from_file = json.loads(eda("predict-links", ota, "--json").out)
    assert json.loads(ran.out)["open_pins"] == from_file["open_pins"]


def test_prediction_loads_no_torch(ota: Path) -> None:
    import subprocess
    import sys

    script = (
        "import sys\nfrom eda.cli.app import run\n"
        f"code = run(['predict-links', {str(ota)!r}, '--quiet', '--json'])\n"
        "heavy = ('torch', 'torch_geometric', 'networkx', 'scipy', 'matplotlib', 'PySpice')\n"
        "print(code, [name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "0 []"


def test_explain(ota: Path, eda: Eda) -> None:
    ran = eda("predict-links", ota, "--explain", "--top", "2")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[2].startswith("M4.g: 3 of 3 models put x first (")
    assert lines[3].startswith("  by kind of net: inner nets ")
    assert lines[4].split()[0] == "x"
    assert "like " in lines[4]
    assert "mirror gate" in lines[4]
    assert len([line for line in lines[4:] if line]) == 2


def test_explain_json(ota: Path, eda: Eda) -> None:
    (pin,) = json.loads(eda("predict-links", ota, "--explain", "--json").out)["open_pins"]
    assert list(pin) == ["device", "pin", "candidates", "agreeing", "split"]
    assert sum(pin["split"].values()) == pytest.approx(1, abs=1e-4)
    best = pin["candidates"][0]
    assert list(best) == ["net", "probability", "findings", "by_model", "like"]
    assert list(best["like"]) == ["circuit", "device", "pin", "likeness", "same", "times"]
    assert len(best["by_model"]) == 3


def test_complete(ota: Path, eda: Eda) -> None:
    ota.write_text(ota.read_text().replace("M4 out open4 vdd vdd", "M4 out ? vdd ?"))
    ran = eda("predict-links", ota, "--complete")
    assert ran.code == 0
    card, about = ran.out.splitlines()
    assert card == "M4 out x vdd vdd pch w=20u l=1u   ; belongs on x"
    assert about.startswith("* M4: g x ")
    answer = json.loads(eda("predict-links", ota, "--complete", "--json").out)
    assert list(answer) == ["schema", "file", "devices"]
    assert answer["schema"] == "eda.predict-links.complete/1"
    (device,) = answer["devices"]
    assert list(device) == ["device", "card", "probability", "pins"]
    assert [(pin["pin"], pin["net"]) for pin in device["pins"]] == [("g", "x"), ("b", "vdd")]


def test_verify(ota: Path, eda: Eda) -> None:
    pytest.importorskip("eda.spice.ngspice_shared").library_path()
    ran = eda("predict-links", ota, "--verify", "--top", "1")
    assert ran.code == 0
    assert (
        "ngspice, operating point with the deck's own bias: the completed circuit solves;"
        " 6 of 6 transistors conduct\n" in ran.out
    )
    answer = json.loads(eda("predict-links", ota, "--verify", "--json").out)
    verdict = answer["verify"]
    assert list(verdict) == [
        *("status", "generic", "sources", "left_out", "off", "devices", "before", "candidates")
    ]
    assert (verdict["status"], verdict["off"]) == ("ok", [])
    assert list(verdict["devices"][0]) == ["device", "on", "region", "current_a"]


def test_a_circuit_that_does_not_solve_is_a_negative_answer(tmp_path: Path, eda: Eda) -> None:
    path = tmp_path / "clash.sp"
    path.write_text("* clash\nV1 a 0 1\nV2 a 0 2\nR1 a b 1k\nR2 b ? 1k\n.end\n")
    ran = eda("predict-links", path, "--verify")
    assert ran.code == 1
    assert "the completed circuit does not solve (" in ran.out


def test_report(ota: Path, eda: Eda) -> None:
    out = ota.parent / "report.html"
    ran = eda("predict-links", ota, "--report", out)
    assert ran.code == 0
    assert ran.err == f"wrote {out}\n"
    assert "mirror gate" in out.read_text()


def test_weights_of_ones_own(ota: Path, eda: Eda) -> None:
    from eda.links.weights import FOLDER, SHIPPED

    one = FOLDER / f"{SHIPPED[0]}.safetensors"
    answer = json.loads(eda("predict-links", ota, "--weights", one, "--explain", "--json").out)
    best = answer["open_pins"][0]["candidates"][0]
    assert best["by_model"] == [pytest.approx(best["probability"], abs=1e-5)]
    all_three = json.loads(eda("predict-links", ota, "--weights", FOLDER, "--json").out)
    shipped = json.loads(eda("predict-links", ota, "--json").out)
    for mine, theirs in zip(
        all_three["open_pins"][0]["candidates"],
        shipped["open_pins"][0]["candidates"],
        strict=True,
    ):
        assert mine["net"] == theirs["net"]
        assert mine["probability"] == pytest.approx(theirs["probability"], abs=1e-5)
    ran = eda("predict-links", ota, "--weights", ota.parent)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"error: {ota.parent}: holds no link weights; make some with: eda train links\n"
    )


@pytest.mark.parametrize(
    "options",
    [
        ("--audit", "--explain"),
        ("--selftest", "--verify"),
        ("--audit", "--complete"),
        ("--complete", "--explain"),
        ("--complete", "--pin", "M4.g"),
    ],
)
def test_options_that_do_not_go_together(options: tuple[str, ...], ota: Path, eda: Eda) -> None:
    ran = eda("predict-links", ota, *options)
    assert (ran.code, ran.out) == (2, "")
    assert "do not go with" in ran.err
