"""The engine against closed forms, and its promises: order, honesty, one crash costs one result."""

import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from eda.errors import InputError, SimulatorNotFoundError
from eda.spice import (
    Ac,
    Dc,
    Noise,
    Op,
    SimulationResult,
    Sp,
    Status,
    Tran,
    parse_netlist,
    read_netlist,
    simulate,
    simulate_many,
)
from eda.spice.farm import NgspiceWorker, pool
from eda.spice.ngspice_shared import library_path

RC = """* rc low-pass
.param r=1k c=1u
V1 in 0 dc 2 ac 1 pulse(0 1 0 1n 1n 1 2)
R1 in out {r}
C1 out 0 {c}
"""
RC_CORNER_HZ = 1 / (2 * math.pi * 1e3 * 1e-6)


@pytest.fixture(autouse=True)
def _ngspice() -> None:
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))


def run(text: str, *analyses: object, **options: object) -> SimulationResult:
    """Simulate a deck without the cache."""
    circuit = parse_netlist(text, strict=False)
    return simulate(circuit, *analyses, cache=False, **options)  # type: ignore[arg-type]


def test_divider() -> None:
    result = run("* divider\nV1 in 0 9\nR1 in out 2k\nR2 out 0 1k\n")
    assert result.status is Status.OK
    assert result.operating_point == pytest.approx({"v(in)": 9, "v(out)": 3, "i(v1)": -3e-3})
    assert result.analyses == (Op(),)
    assert not result.cached


def test_rc_over_frequency_is_the_closed_form() -> None:
    ac = run(RC, Ac(1, 1e5, 10)).of("ac")
    assert ac.axis_name == "frequency_hz"
    assert ac["out"].values.dtype == np.complex128
    expected = 1 / (1 + 1j * ac.axis / RC_CORNER_HZ)
    np.testing.assert_allclose(ac["v(out)"].values, expected, rtol=1e-9)


def test_rc_over_time_is_the_closed_form() -> None:
    tran = run(RC, Tran(1e-6, 5e-3, 0, 5e-6)).of("tran")
    assert tran.axis_name == "time_s"
    assert tran["V(OUT)"].unit == "V"
    expected = 1 - np.exp(-tran.axis / 1e-3)
    np.testing.assert_allclose(tran["v(out)"].values, expected, atol=2e-4)


def test_sweeps_nest() -> None:
    dc = run("* d\nV1 a 0 1\nV2 b 0 1\nR1 a b 1k\n", Dc("V1", 0, 1, 0.5, Dc("v2", 0, 2, 1))).of(
        "dc"
    )
    assert dc.axis_name == "sweep"
    assert dc.axis.tolist() == [0, 0.5, 1] * 3
    np.testing.assert_allclose(
        dc["i(v1)"].values, (dc["b"].values - dc["a"].values) / 1e3, atol=1e-12
    )


def test_noise_of_a_resistor() -> None:
    result = run("* n\nV1 in 0 ac 1\nR1 in out 1k\nR2 out 0 1k\n", Noise("out", "v1", 1, 1e3))
    density = result.of("noise")["onoise_spectrum"].values
    expected = math.sqrt(4 * 1.380649e-23 * 300.15 * 500)
    np.testing.assert_allclose(density, expected, rtol=1e-4)
    assert result.measures["onoise_total"] == pytest.approx(expected * math.sqrt(999), rel=1e-3)


def test_s_parameters_of_a_series_resistor() -> None:
    deck = "* s\nV1 a 0 dc 0 ac 1 portnum 1 z0 50\nV2 b 0 dc 0 ac 0 portnum 2 z0 50\nR1 a b 100\n"
    sp = run(deck, Sp(1e6, 1e9, 3)).of("sp")
    np.testing.assert_allclose(sp["s_2_1"].values, 0.5, atol=1e-12)
    np.testing.assert_allclose(sp["s_1_1"].values, 0.5, atol=1e-12)


def test_paths_are_ours_not_ngspices() -> None:
    deck = """* h
.subckt cell a
V1 a b 1
M1 b b 0 0 nch w=1u l=1u
.ends
R1 top 0 1k
X1 top cell
.model nch nmos level=1 vto=-1
"""
    point = run(deck, save=["@x1.m1[gm]"]).operating_point
    assert set(point) == {"v(top)", "v(x1.b)", "i(x1.v1)", "@x1.m1[gm]"}
    assert point["@x1.m1[gm]"] > 0


def test_only_what_is_to_be_kept_is_kept() -> None:
    deck = "* h\n.subckt cell a\nV1 a 0 1\nR1 a 0 1k\n.ends\nX1 top cell\nR1 top b 1\nR2 b 0 1\n"
    assert set(run(deck, keep=["v(b)", "i(x1.v1)"]).operating_point) == {"v(b)", "i(x1.v1)"}
    lost = run(deck, keep=["v(b)", "v(nix)"])
    assert lost.status is Status.MISSING_VECTOR
    assert lost.log == "asked for by .save and not in the circuit: v(nix)"
    assert run(deck, keep=["v(b);shell ls"]).log == (
        "save: 'v(b);shell ls' is no vector; write v(net), i(source) or @m1[gm]"
    )


def test_measures_have_all_digits_and_may_use_parameters_and_one_another() -> None:
    deck = (
        RC
        + """.ac dec 100 1 100k
.meas ac corner when vdb(out)='-20*log10(sqrt(2))'
.meas ac twice param='2*corner*r/1000'
.meas ac never when vdb(out)=6
"""
    )
    result = run(deck)
    assert result.status is Status.OK
    assert result.measures["corner"] == pytest.approx(RC_CORNER_HZ, rel=1e-4)
    assert result.measures["twice"] == pytest.approx(2 * result.measures["corner"], rel=1e-9)
    assert math.isnan(result.measures["never"])
    assert "out of interval" in result.log


def test_a_control_block_runs_as_if_it_were_typed() -> None:
    deck = (
        RC
        + """.control
op
let current = -i(v1)
print v(out) current
alter r1 = 2k
ac dec 100 1 100k
meas ac corner when vdb(out)=-3.0103
plot vdb(out)
.endc
"""
    )
    result = run(deck)
    assert result.analyses == (Op(), Ac(1, 1e5, 100))
    assert result.measures["v(out)"] == pytest.approx(2)
    assert result.measures["corner"] == pytest.approx(RC_CORNER_HZ / 2, rel=1e-4)


def test_a_trusted_block_runs_as_it_is() -> None:
    deck = RC + ".control\nforeach value 1k 2k\nalter r1 = $value\nop\nend\n.endc\n"
    assert run(deck).status is Status.REFUSED
    result = run(deck, trust_deck=True)
    assert result.status is Status.OK
    assert [item.axis_name for item in result.waveforms] == ["", ""]


def test_parameters_give_what_a_rewritten_deck_gives_to_the_digit() -> None:
    sets = [{"r": 2e3}, {"r": 3e3, "c": 2e-6}, {"c": 5e-6}, {"r": 1e3, "c": 1e-6}, {}]
    swept = [run(RC, Op(), Ac(1, 1e5, 3), parameters=values) for values in sets]
    for values, result in zip(sets, swept, strict=True):
        r, c = values.get("r", 1e3), values.get("c", 1e-6)
        rewritten = run(RC.replace("r=1k c=1u", f"r={r!r} c={c!r}"), Op(), Ac(1, 1e5, 3))
        np.testing.assert_array_equal(
            result.of("ac")["out"].values, rewritten.of("ac")["out"].values
        )


@pytest.mark.parametrize("case", ["ota5t_sky130", "ota2s_gf180"])
def test_a_parameter_that_moves_to_another_model_bin_is_never_silently_wrong(
    case: str, data: Path
) -> None:
    path = data / "sizing" / "circuits" / case / "deck.cir"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    circuit = read_netlist(path)
    widths = [2e-6, 3e-5]
    swept = [
        simulate(circuit, Op(), parameters={"w1": width}, cache=False).operating_point
        for width in widths
    ]
    written = [
        simulate(
            replace(circuit, parameters={**circuit.parameters, "w1": width}), Op(), cache=False
        ).operating_point
        for width in widths
    ]
    assert swept == written
    assert swept[0] != swept[1]


def test_a_width_without_a_model_bin_is_told(data: Path) -> None:
    path = data / "sizing" / "circuits" / "ota2s_gf180" / "deck.cir"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    circuit = read_netlist(path)
    assert simulate(circuit, Op(), cache=False).ok
    result = simulate(circuit, Op(), parameters={"w1": 2e-4}, cache=False)
    assert result.status is Status.MISSING_MODEL
    assert simulate(circuit, Op(), parameters={"w1": 2e-5}, cache=False).ok


def test_parameters_that_cannot_be_set_are_refused() -> None:
    assert run(RC, parameters={"q": 1}).log == (
        "the deck has no parameter 'q' at its top level; it has c, r"
    )
    assert run(RC, parameters={"r": math.nan}).log == "the parameter r is nan: give a finite number"
    deck = RC + ".if (r > 500)\nR2 out 0 1k\n.endif\n"
    assert run(deck, parameters={"r": 1.0}).log == (
        "the deck has .if, which was decided when it was read; write the parameters into it"
    )


def test_values_of_an_earlier_simulation_are_never_returned() -> None:
    good = RC
    bad = "* two sources at odds\nV1 out 0 1\nV2 out 0 2\n"
    with ThreadPoolExecutor(1):
        for analysis in (Op(), Ac(1, 10), Tran(1e-6, 1e-5)):
            assert run(good, analysis).ok
            failed = run(bad, analysis)
            assert failed.status is Status.NO_CONVERGENCE
            assert failed.waveforms == ()
            assert failed.operating_point == {}
            with pytest.raises(KeyError, match="ended as no_convergence"):
                failed.of("op")
            assert run(good, Op()).operating_point["v(out)"] == pytest.approx(2)


def test_what_ended_before_the_failure_is_kept() -> None:
    result = run(RC, Op(), Dc("vnone", 0, 1, 1), Ac(1, 10))
    assert result.status is Status.MISSING_VECTOR
    assert result.analyses == (Op(),)


def test_chance_starts_from_the_seed() -> None:
    deck = "* c\n.param r=agauss(1k,100,1)\nI1 0 a 1m\nR1 a 0 {r}\n"
    first = run(deck, seed=3).operating_point
    assert run(RC).ok
    assert run(deck, seed=3).operating_point == first
    assert run(deck, seed=4).operating_point != first


def test_the_first_and_the_last_of_many_are_the_same() -> None:
    first = run(RC, Op(), Ac(1, 1e6, 20))
    for _ in range(150):
        last = run(RC, Op(), Ac(1, 1e6, 20))
    assert last.operating_point == first.operating_point
    np.testing.assert_array_equal(last.of("ac")["out"].values, first.of("ac")["out"].values)


def test_many_come_back_in_order() -> None:
    values = [{"r": 1e3 * (1 + k)} for k in range(12)]
    seen: list[int] = []
    circuit = parse_netlist("* d\n.param r=1k\nI1 0 a 1m\nR1 a 0 {r}\n")
    results = simulate_many(
        [circuit], Op(), parameters=values, workers=2, cache=False, progress=seen.append
    )
    assert [r.operating_point["v(a)"] for r in results] == pytest.approx(list(range(1, 13)))
    assert seen == list(range(1, 13))


def test_any_executor_will_do() -> None:
    decks = [parse_netlist(f"* d\nI1 0 a 1m\nR1 a 0 {k}k\n") for k in (1, 2, 3)]
    for executor in (
        ThreadPoolExecutor(2),
        ProcessPoolExecutor(1, mp_context=get_context("spawn")),
    ):
        with executor:
            results = simulate_many(decks, Op(), executor=executor, cache=False)
        assert [r.operating_point["v(a)"] for r in results] == pytest.approx([1, 2, 3])


def test_a_hanging_simulation_costs_one_result_and_not_the_batch() -> None:
    hang = parse_netlist(RC + ".tran 1p 1000\n")
    good = parse_netlist(RC + ".op\n")
    results = simulate_many([good, hang, good, good], workers=2, time_limit_s=1.5, cache=False)
    assert [r.status.value for r in results] == ["ok", "timeout", "ok", "ok"]
    assert results[1].log == "stopped at the time limit of 1.5 s"


@pytest.fixture
def worker() -> Iterator[NgspiceWorker]:
    made = NgspiceWorker()
    yield made
    made.close()


def test_a_worker_that_is_killed_costs_one_result() -> None:
    run(RC)
    worker = pool._take()
    pool._idle.append(worker)
    timer = threading.Timer(0.3, os.kill, (worker.pid, signal.SIGKILL))
    timer.start()
    result = run(RC, Tran(1e-12, 1000))
    timer.join()
    assert result.status is Status.CRASHED
    assert result.log == "the worker process died with signal SIGKILL"
    assert run(RC).ok


def test_closing_a_worker_leaves_no_process_and_no_folder(worker: NgspiceWorker) -> None:
    home, pid = Path(worker.home), worker.pid
    assert list(home.iterdir()) == []
    assert worker.version.startswith("ngspice-")
    worker.close()
    assert not home.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_ends_when_its_parent_is_killed() -> None:
    import subprocess
    import sys

    script = (
        "from eda.spice.farm import NgspiceWorker\nimport os, signal\n"
        "w = NgspiceWorker()\nprint(w.pid, w.home, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    pid, home = ran.stdout.split()
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    assert not Path(home).exists()


def test_the_environment_of_a_worker(worker: NgspiceWorker) -> None:
    text = Path(f"/proc/{worker.pid}/environ").read_bytes().decode()
    variables = dict(item.split("=", 1) for item in text.split("\0") if item)
    assert variables["OMP_THREAD_LIMIT"] == "1"
    assert variables["HOME"] == worker.home


def test_arguments_are_checked() -> None:
    with pytest.raises(InputError, match=r"^time_limit_s is 0; it must be greater than zero$"):
        run(RC, time_limit_s=0)
    with pytest.raises(InputError, match=r"^2 decks and 3 sets of parameters: give as many"):
        simulate_many([RC, RC], parameters=[{}, {}, {}])
    with pytest.raises(InputError, match=r"^simulate_many takes a list of decks"):
        simulate_many("deck.cir")


def test_missing_names_are_told_with_similar_ones() -> None:
    op = run(RC).of("op")
    with pytest.raises(KeyError, match="did you mean v"):
        op["v(ou)"]
    assert "out" in op
    assert "nix" not in op


def test_a_seed_gives_the_same_numbers_whatever_ran_before() -> None:
    deck = parse_netlist("* t\n.param r=1k\nI1 0 a 1m\nR1 a 0 {agauss(r, 100, 1)}\n")

    def ask(seed: int, r: float) -> float:
        result = simulate(deck, Op(), parameters={"r": r}, seed=seed, cache=False)
        return result.operating_point["v(a)"]

    first = ask(5, 1e3)
    assert ask(5, 1e3) == first
    assert ask(6, 1e3) != first
    assert ask(5, 2e3) != first
    assert ask(5, 1e3) == first


def test_a_crash_is_tried_once_more_where_an_earlier_deck_may_be_to_blame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(self: NgspiceWorker, request: object, *, time_limit_s: float) -> object:
        """Die as ngspice does where something has overwritten its memory."""
        if self.runs:
            os.kill(self.pid, signal.SIGSEGV)
        return whole(self, request, time_limit_s=time_limit_s)  # type: ignore[arg-type]

    assert run(RC).ok  # so that there is a worker that has run something
    whole = NgspiceWorker.run
    monkeypatch.setattr(NgspiceWorker, "run", crash)
    before = pool.pids()
    assert run(RC).ok
    assert set(pool.pids()) - set(before)
