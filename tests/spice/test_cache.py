"""The cache of simulations: shared, crash-safe, and never in the way."""

import os
import signal
import sqlite3
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from eda.errors import InputError
from eda.spice import Ac, Op, SimulationCache, SimulationResult, Status, Waveforms
from eda.spice.cache import CacheWarning, cache_folder
from eda.spice.results import from_bytes, to_bytes


def result(value: float = 1.0, status: Status = Status.OK) -> SimulationResult:
    ac = Waveforms(
        Ac(1, 10), "frequency_hz", np.array([1.0, 10.0]), {"v(out)": np.array([1j, value + 0j])}
    )
    op = Waveforms(Op(), "", np.zeros(0), {"v(out)": np.array([value])}, {"v(out)": "V"})
    return SimulationResult(
        status, (op, ac), {"v(out)": value}, {"gain": value, "never": float("nan")}, "said", 0.5
    )


def same(one: SimulationResult, two: SimulationResult) -> bool:
    return to_bytes(one) == to_bytes(two)


def test_a_result_comes_back_bit_by_bit(tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path)
    assert cache.get("k") is None
    cache.put("k", result(0.1))
    found = cache.get("k")
    assert found is not None
    assert found.cached
    assert found.seconds == 0
    assert found.waveforms[1].analysis == Ac(1, 10)
    assert found.of("ac")["out"].values.tolist() == [1j, 0.1 + 0j]
    assert np.isnan(found.measures["never"])
    assert same(from_bytes(to_bytes(result(0.1))), result(0.1))
    cache.close()


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.CRASHED])
def test_ends_at_a_limit_are_not_kept(tmp_path: Path, status: Status) -> None:
    cache = SimulationCache(tmp_path)
    cache.put("k", result(status=status))
    assert cache.get("k") is None
    cache.close()


def test_info_and_clear(tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path / "new")
    assert cache.info().simulations == 0
    assert not (tmp_path / "new").exists()
    for name in "abc":
        cache.put(name, result())
    assert cache.info().simulations == 3
    assert cache.info().bytes > 0
    assert cache.clear() == 3
    assert cache.get("a") is None
    cache.close()


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDA_CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path
    assert SimulationCache().path == tmp_path / "simulations.sqlite"
    monkeypatch.delenv("EDA_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_folder() == Path("/home/somebody/.cache/eda")


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    path = tmp_path / "simulations.sqlite"
    path.write_bytes(b"this is no database" * 500)
    cache = SimulationCache(tmp_path)
    with pytest.warns(CacheWarning, match=r"was damaged; it is now simulations\.sqlite\.damaged-"):
        assert cache.get("k") is None
    cache.put("k", result())
    assert cache.get("k") is not None
    (aside,) = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes().startswith(b"this is no database")
    cache.close()


def test_a_damaged_row_is_forgotten(tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path)
    cache.put("k", result())
    with sqlite3.connect(cache.path) as other:
        other.execute("UPDATE simulations SET result = substr(result, 1, 40)")
    other.close()
    assert cache.get("k") is None
    assert cache.info().simulations == 0
    cache.close()


def test_a_place_that_cannot_be_written_to_is_gone_without(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    cache = SimulationCache(blocked / "cache")
    with pytest.warns(CacheWarning, match=r"cannot be used \(Not a directory\); simulations go on"):
        cache.put("k", result())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cache.get("k") is None  # said once, not every time
    assert cache.info().simulations == 0


def test_a_read_only_file_is_gone_without(tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path)
    cache.put("k", result())
    with sqlite3.connect(cache.path) as other:
        other.execute("PRAGMA query_only")
    other.close()
    assert cache._connection is not None
    cache._connection.execute("PRAGMA query_only = 1")
    with pytest.warns(CacheWarning, match="readonly database"):
        cache.put("l", result())
    cache.close()


def test_a_full_disk_is_gone_without(tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path)
    cache.put("k", result())
    assert cache._connection is not None
    pages = cache._connection.execute("PRAGMA page_count").fetchone()[0]
    cache._connection.execute(f"PRAGMA max_page_count = {pages}")
    big = SimulationResult(Status.OK, log=os.urandom(40_000).hex())
    with pytest.warns(CacheWarning, match="database or disk is full"):
        cache.put("l", big)
    cache.close()


def test_threads_and_processes_share_a_file(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom eda.spice import SimulationCache, SimulationResult, Status\n"
        "cache = SimulationCache(sys.argv[1])\n"
        "for k in range(60): cache.put(f'{sys.argv[2]}{k}', SimulationResult(Status.OK))\n"
        "cache.close()\n"
    )
    others = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name]) for name in "ab"
    ]
    cache = SimulationCache(tmp_path)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda k: cache.put(f"t{k}", result(k)), range(40)))
        found = list(threads.map(lambda k: cache.get(f"t{k}"), range(40)))
    assert [item.operating_point["v(out)"] for item in found if item] == list(range(40))
    assert [other.wait(60) for other in others] == [0, 0]
    assert cache.info().simulations == 160
    cache.close()


def test_kill_9_tears_nothing(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom eda.spice import SimulationCache, SimulationResult, Status\n"
        "cache = SimulationCache(sys.argv[1])\n"
        "for k in range(10**6):\n"
        "    cache.put(str(k), SimulationResult(Status.OK, log=str(k) * 2000))\n"
        "    print(k, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        last = 0
        for line in writer.stdout:
            last = int(line)
            if last >= 25:
                break
        writer.send_signal(signal.SIGKILL)
        last = max([last, *(int(line) for line in writer.stdout if line.endswith("\n"))])
    cache = SimulationCache(tmp_path)
    for k in range(last + 1):
        kept = cache.get(str(k))
        assert kept is not None
        assert kept.log == str(k) * 2000
    assert cache.info().simulations in (last + 1, last + 2)
    cache.close()


def test_it_travels_to_another_process_as_a_name(tmp_path: Path) -> None:
    import copy

    cache = SimulationCache(tmp_path)
    cache.put("k", result())
    other = copy.copy(cache)
    assert other.path == cache.path
    assert other.get("k") is not None
    other.close()
    cache.close()


# -- its size ------------------------------------------------------------------------------------


def blob(size: int) -> SimulationResult:
    """About so many bytes that cannot be compressed."""
    return SimulationResult(Status.OK, log=os.urandom(size).hex())


def kept(cache: SimulationCache, names: range) -> list[int]:
    with sqlite3.connect(cache.path) as other:
        rows = {row[0] for row in other.execute("SELECT key FROM simulations")}
    other.close()
    return [k for k in names if str(k) in rows]


def total(cache: SimulationCache) -> tuple[int, int, int, int]:
    """What the triggers have counted, and what is there."""
    with sqlite3.connect(cache.path) as other:
        said = other.execute("SELECT simulations, bytes FROM total").fetchone()
        there = other.execute("SELECT COUNT(*), TOTAL(size) FROM simulations").fetchone()
    other.close()
    return (*said, *there)


def test_what_was_not_used_for_the_longest_time_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    now = 1e9
    monkeypatch.setattr(time, "time", lambda: now)
    cache = SimulationCache(tmp_path, limit_mb=1)
    for k in range(10):
        now += 100
        cache.put(str(k), blob(85_000))
    assert kept(cache, range(10)) == list(range(10))
    now += 100
    assert cache.get("0") is not None
    now += 100
    cache.put("10", blob(85_000))
    # Down to nine tenths: two of the oldest go, and not the one that has just been read.
    assert kept(cache, range(11)) == [0, 3, 4, 5, 6, 7, 8, 9, 10]
    assert cache.info().limit_bytes == 2**20
    counted, size, rows, bytes_ = total(cache)
    assert (counted, size) == (rows, bytes_)
    assert counted == cache.info().simulations == 9
    cache.close()


def test_a_file_shrinks_when_the_limit_is_lowered(tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path, limit_mb=20)
    for k in range(40):
        cache.put(str(k), blob(250_000))
    cache.close()
    before = cache.path.stat().st_size
    small = SimulationCache(tmp_path, limit_mb=1)
    small.put("one more", blob(10))
    small.close()
    assert small.path.stat().st_size < before / 5


def test_a_result_that_is_larger_than_the_limit_is_not_kept(tmp_path: Path) -> None:
    cache = SimulationCache(tmp_path, limit_mb=0.01)
    cache.put("k", blob(20_000))
    assert cache.get("k") is None
    cache.close()


def test_two_writers_at_the_limit(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom eda.spice import SimulationCache, SimulationResult, Status\n"
        "cache = SimulationCache(sys.argv[1], limit_mb=0.5)\n"
        "for k in range(120):\n"
        "    result = SimulationResult(Status.OK, log=os.urandom(9000).hex())\n"
        "    cache.put(f'{sys.argv[2]}{k}', result)\n"
        "cache.close()\n"
    )
    others = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", script, str(tmp_path), name])
        for name in "ab"
    ]
    assert [other.wait(60) for other in others] == [0, 0]
    cache = SimulationCache(tmp_path, limit_mb=0.5)
    counted, size, rows, bytes_ = total(cache)
    assert (counted, size) == (rows, bytes_)
    assert 0.4 * 2**20 < size <= 0.5 * 2**20
    # Whoever ends first may see its last result go before the other is done.
    assert any(cache.get(f"{name}119") is not None for name in "ab")
    cache.close()


def test_kill_9_while_room_is_made(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom eda.spice import SimulationCache, SimulationResult, Status\n"
        "cache = SimulationCache(sys.argv[1], limit_mb=0.2)\n"
        "for k in range(10**6):\n"
        "    result = SimulationResult(Status.OK, log=os.urandom(9000).hex())\n"
        "    cache.put(f'{sys.argv[2]} {k}', result)\n"
        "    print(k, flush=True)\n"
    )
    for name, lines in (("a", 40), ("b", 57)):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), name], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
    cache = SimulationCache(tmp_path, limit_mb=0.2)
    with sqlite3.connect(cache.path) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    other.close()
    counted, size, rows, bytes_ = total(cache)
    assert (counted, size) == (rows, bytes_)
    cache.put("k", result())
    assert cache.get("k") is not None
    cache.close()


def test_a_file_of_an_earlier_form_is_begun_anew(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "simulations.sqlite") as old:
        old.execute("CREATE TABLE simulations (key TEXT PRIMARY KEY, made REAL, result BLOB)")
        old.execute("INSERT INTO simulations VALUES ('k', 1, x'00')")
    old.close()
    cache = SimulationCache(tmp_path)
    assert cache.get("k") is None
    cache.put("k", result())
    assert cache.info().simulations == 1
    cache.close()


def test_the_limit_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EDA_CACHE_MB", raising=False)
    assert SimulationCache(tmp_path).limit_mb == 4096
    monkeypatch.setenv("EDA_CACHE_MB", "12.5")
    assert SimulationCache(tmp_path).limit_mb == 12.5
    for wrong in ("much", "-1", "inf", "nan"):
        monkeypatch.setenv("EDA_CACHE_MB", wrong)
        with pytest.raises(InputError) as caught:
            SimulationCache(tmp_path)
        assert str(caught.value) == (
            f"EDA_CACHE_MB is {wrong!r}; set it to a number of megabytes, or unset it"
        )
