"""Training on the corpora: two stages, the second from the first, and no stage twice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eda.datasets import train_links
from eda.links import train as training
from eda.links.weights import Shape, weights_in

SHAPE = Shape(width=8, inner=8, hidden=8, layers=1)


def test_the_second_stage_goes_on_from_the_first(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST_STAGE", "SECOND_STAGE"):
        plan = replace(getattr(training, name), shape=SHAPE, steps=2, batch=4, check_every=2)
        monkeypatch.setattr(training, name, plan)
    lines: list[str] = []
    asked: dict[str, Any] = {"out": tmp_path, "corpora": ("analoggym", "align"), "generated": 0}
    summary = train_links(**asked, log=lines.append)
    assert [line.partition(",")[0] for line in lines] == ["step 2 of 2", "step 2 of 2"]
    assert summary["steps"] == 2
    (model,) = weights_in(tmp_path)
    assert model.shape == SHAPE
    card = json.loads((tmp_path / "links-seed0.json").read_text("utf-8"))
    assert card["first_stage"]["augmentation"]["partial"] == 0
    assert card["plan"]["augmentation"]["partial"] > 0
    before = (tmp_path / "first" / "links-seed0.safetensors").read_bytes()
    assert before != (tmp_path / "links-seed0.safetensors").read_bytes()
    lines.clear()
    train_links(**asked, resume=True, log=lines.append)
    assert lines == ["going on from step 2"]
