"""Data: what is simulated, the card, and going on after a kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from eda.errors import DatasetError, InputError
from eda.spice import Case, read_case
from eda.surrogate.data import BLOCK, CaseData, build_data, load_data
from eda.surrogate.designs import design_array

SCRIPT = """
import sys
from pathlib import Path
from eda.spice import read_case
from eda.surrogate.data import build_data
build_data(read_case(sys.argv[1]), count=256, out=Path(sys.argv[2]), workers=1)
"""


def test_a_card_says_what_is_there(tiny: Case, tiny_data: CaseData) -> None:
    card = tiny_data.card
    assert (card["case"], card["count"], len(tiny_data)) == ("tiny", 120, 120)
    assert card["parameters"] == ["w", "rd"]
    assert card["sampling"] == {"sobol": 60, "local": 32, "feasible": 28}
    assert 0 < card["alive"] <= card["ok"] == 120
    assert design_array(tiny, tiny_data.designs).shape == (120, 2)


def test_the_same_seed_makes_the_same_data(tiny: Case, tiny_data: CaseData, tmp_path: Path) -> None:
    again = build_data(tiny, count=120, out=tmp_path / "a.npz", workers=2)
    assert np.array_equal(again.designs, tiny_data.designs)
    assert np.array_equal(again.metrics, tiny_data.metrics, equal_nan=True)
    back = load_data(tmp_path / "a.npz", tiny)
    assert np.array_equal(back.designs, again.designs)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.json", "a.npz"]


def test_a_killed_run_goes_on(tiny: Case, tiny_folder: Path, ngspice: None, tmp_path: Path) -> None:
    out = tmp_path / "k.npz"
    cache = {**os.environ, "EDA_CACHE_DIR": str(tmp_path / "cache")}
    words = [sys.executable, "-c", SCRIPT, str(tiny_folder), str(out)]
    process = subprocess.Popen(words, env=cache, start_new_session=True)
    first = out.with_suffix(".parts") / "000000.npz"
    until = time.monotonic() + 60
    while not first.exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert first.exists()
    assert not out.exists()
    made = first.stat().st_mtime_ns
    done: list[int] = []
    data = build_data(tiny, count=256, out=out, workers=1, progress=done.append)
    assert done == [BLOCK, 2 * BLOCK, 3 * BLOCK, 4 * BLOCK]
    assert not first.exists()  # its block was taken as it was, and the parts are gone
    undisturbed = build_data(tiny, count=256, out=tmp_path / "u.npz", workers=1)
    assert np.array_equal(data.designs, undisturbed.designs)
    assert np.array_equal(data.metrics, undisturbed.metrics, equal_nan=True)
    assert made > 0


def test_what_cannot_be_read_is_refused(tiny: Case, tiny_data: CaseData, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        load_data(tmp_path / "none.npz")
    build_data(tiny, count=3, out=tmp_path / "b.npz", workers=1)
    (tmp_path / "b.npz").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match=r"b.npz is no data of a case: "):
        load_data(tmp_path / "b.npz")
    with pytest.raises(InputError, match=r"^count is 0; give a number from 1 to 1,000,000$"):
        build_data(tiny, count=0, out=tmp_path / "c.npz")
    with pytest.raises(InputError, match="there is no folder"):
        build_data(tiny, count=3, out=tmp_path / "no" / "c.npz")


def test_data_of_another_case_is_refused(tiny: Case, ngspice: None, tmp_path: Path) -> None:
    from dataclasses import replace

    build_data(tiny, count=3, out=tmp_path / "b.npz", workers=1)
    changed = replace(tiny, deck_source=tiny.deck_source + "* more\n")
    with pytest.raises(DatasetError, match=r"was made from another case .tiny., or tiny has chan"):
        load_data(tmp_path / "b.npz", changed)
    assert read_case(tiny.folder).name == "tiny"
