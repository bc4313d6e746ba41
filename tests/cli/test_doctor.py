"""``eda doctor``: what it finds, what it advises, and its exit code."""

import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from eda.cli import doctor


def _program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{text}'\n")
    path.chmod(0o755)


def test_doctor_tells_versions_and_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eda: Callable[..., Any]
) -> None:
    _program(tmp_path, "ngspice", "** ngspice-99 : Circuit level simulation program")
    _program(tmp_path, "abc", "")
    (tmp_path / "spice").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("EDA_DATA", str(tmp_path))
    ran = eda("doctor", "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert list(answer) == ["schema", "checks", "pdks"]
    assert answer["schema"] == "eda.doctor/1"
    checks = {item["name"]: item for item in answer["checks"]}
    assert checks["ngspice"]["found"] == f"ngspice-99, {tmp_path}/ngspice"
    assert checks["abc"] == {
        "name": "abc",
        "status": "ok",
        "found": f"{tmp_path}/abc",
        "advice": "",
    }
    assert checks["EDA_DATA"]["found"] == f"{tmp_path} (spice)"
    assert checks["torch"]["status"] == "ok"


def test_without_ngspice_the_exit_code_is_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eda: Callable[..., Any]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("EDA_DATA", str(tmp_path / "gone"))
    ran = eda("doctor")
    assert ran.code == 3
    rows = {line.split()[0]: line for line in ran.out.splitlines() if line[:1].strip()}
    assert rows["ngspice"].split()[1] == "missing"
    assert rows["abc"].split()[1] == "optional"
    ran = eda("doctor", "--json")
    assert ran.code == 3
    advice = {item["name"]: item["advice"] for item in json.loads(ran.out)["checks"]}
    assert advice["ngspice"] == "needed to simulate: run ./bootstrap, or install ngspice"
    assert advice["EDA_DATA"] == "there is no such folder: set it anew"


def test_ngspice_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ngspice").write_bytes(b"\x00not a program")
    (tmp_path / "ngspice").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    check = next(item for item in doctor.examine() if item.name == "ngspice")
    assert check.status == "missing"
    assert check.advice.endswith("install it again")


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", none)
    check = next(item for item in doctor.examine() if item.name == "torch")
    assert (check.status, check.advice) == ("missing", "needed for training: run ./bootstrap")
