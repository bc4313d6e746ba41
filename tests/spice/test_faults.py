"""The fault list: each ends in its status within its limit, and the next simulation is fine.

The same table is in docs/simulate.md.
"""

import resource
from dataclasses import dataclass
from pathlib import Path

import pytest

from eda.errors import SimulatorNotFoundError
from eda.spice import SimulationCache, Status, parse_netlist, simulate
from eda.spice.ngspice_shared import library_identity, library_path

PAGE = Path(__file__).parents[2] / "docs" / "simulate.md"
GOOD = "* good\nV1 a 0 dc 1 ac 1\nR1 a b 1k\nC1 b 0 1u\n"


@dataclass(frozen=True)
class Fault:
    """A deck with a fault, and how it must end."""

    name: str
    deck: str
    status: str
    said: str = ""
    time_limit_s: float = 20.0
    memory_limit_mb: float = 500.0


FAULTS = [
    Fault("missing model", "M1 a a 0 0 nix w=1u l=1u\nV1 a 0 1", "missing_model", "nix"),
    Fault("missing subcircuit", "X1 a 0 nix\nV1 a 0 1", "missing_model", "nix"),
    Fault("missing include", '.include "nix.inc"\nV1 a 0 1\nR1 a 0 1', "missing_model", "nix.inc"),
    Fault("include outside the roots", '.include "/etc/passwd"\nV1 a 0 1', "refused", "outside"),
    Fault(
        "include that climbs out",
        '.include "../../../../../../../../etc/passwd"\nV1 a 0 1',
        "refused",
    ),
    Fault("missing code model", "A1 a b mm\nV1 a 0 1\n.model mm nix", "missing_model", "mm"),
    Fault("model of another device", "M1 a a 0 0 mm\nV1 a 0 1\n.model mm d", "refused", "mm"),
    Fault(
        "no such model level",
        "M1 a a 0 0 m w=1u l=1u\nV1 a 0 1\n.model m nmos level=999",
        "missing_model",
    ),
    Fault("unknown device parameter", "R1 a 0 1k nix=3\nV1 a 0 1", "refused", "nix"),
    Fault("undefined parameter", "R1 a 0 {nix}\nV1 a 0 1", "refused", "undefined parameter nix"),
    Fault(
        "undefined parameter inside",
        ".subckt s a\nR1 a 0 {nix}\n.ends\nX1 a s\nV1 a 0 1",
        "refused",
        "nix",
    ),
    Fault("sources at odds", "V1 a 0 1\nV2 a 0 2", "no_convergence", "singular"),
    Fault(
        "no operating point",
        "V1 a 0 1\nM1 a a 0 0 m w=1e400 l=1u\n.model m nmos level=1",
        "no_convergence",
    ),
    Fault("value that is no number", "V1 a 0 nan\nR1 a 0 1", "refused", "nan"),
    Fault("value that is infinite", ".param q=0\nV1 a 0 1\nR1 a 0 {1/q}", "refused"),
    Fault(
        "size that is no number",
        "V1 a 0 1\nM1 a a 0 0 m w=nan l=1u\n.model m nmos level=1",
        "refused",
        "nan",
    ),
    Fault(
        "size that is infinite",
        ".param q=0\nV1 a 0 1\nM1 a a 0 0 m w={1/q} l=1u\n.model m nmos level=1",
        "refused",
    ),
    Fault("sweep of nothing", GOOD + ".dc vnix 0 1 0.1", "missing_vector", "vnix"),
    Fault("noise at no net", GOOD + ".noise v(nix) V1 dec 1 1 10", "missing_vector", "nix"),
    Fault("noise of no source", GOOD + ".noise v(b) vnix dec 1 1 10", "missing_vector", "vnix"),
    Fault("S-parameters without ports", GOOD + ".sp lin 3 1 10", "missing_vector", "Port"),
    Fault("measure of nothing", GOOD + ".tran 1u 1m\n.meas tran x max v(nix)", "missing_vector"),
    Fault("save of nothing", GOOD + ".save v(nix)", "missing_vector", "no data saved"),
    Fault("save of nothing beside others", GOOD + ".save v(nix) v(b)", "missing_vector", "v(nix)"),
    Fault("analysis without sense", GOOD + ".tran 0 0", "refused", "greater than zero"),
    Fault("analysis that cannot be read", GOOD + ".ac dec 10", "refused", "POINTS"),
    Fault("endless transient", GOOD + ".tran 1p 1000", "timeout", "0.5 s", time_limit_s=0.5),
    Fault("more memory than allowed", GOOD + ".tran 1n 1", "out_of_memory", memory_limit_mb=60),
    Fault(
        "circuit larger than memory",
        "V1 a 0 1\n" + "".join(f"R{k} a n{k} 1\n" for k in range(30_000)),
        "out_of_memory",
        memory_limit_mb=1,
    ),
    Fault("shell in .control", GOOD + ".control\nop\nshell ls\n.endc", "refused", "'shell'"),
    Fault("write in .control", GOOD + ".control\nop\nwrite x.raw\n.endc", "refused", "'write'"),
    Fault("source in .control", GOOD + ".control\nsource x\n.endc", "refused", "'source'"),
    Fault("redirection in .control", GOOD + ".control\nop\nprint v(b) > x\n.endc", "refused"),
    Fault("backticks in .control", GOOD + ".control\nlet x = `ls`\n.endc", "refused"),
    Fault(
        "code model that runs programs",
        'V1 a 0 1\nA1 [a] [b] mm\n.model mm d_process(process_file="/bin/ls")',
        "refused",
        "d_process",
    ),
    Fault(
        "code model that reads any file",
        'V1 a 0 1\nA1 %vd([b 0]) mm\n.model mm filesource (file="/etc/passwd")',
        "refused",
        "/etc/passwd",
    ),
    Fault("no device at the top", ".subckt s a\nR1 a 0 1\n.ends", "refused", "top level"),
    Fault("syntax error", "V1 a 0 1\nR1 a", "refused", "R1"),
]


@pytest.fixture(scope="module", autouse=True)
def _ngspice() -> None:
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))


def write(folder: Path, text: str) -> Path:
    path = folder / "deck.cir"
    path.write_text(text if text.startswith("*") else f"* a deck\n{text}\n.end\n")
    return path


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_fault(fault: Fault, tmp_path: Path) -> None:
    result = simulate(
        write(tmp_path, fault.deck),
        time_limit_s=fault.time_limit_s,
        memory_limit_mb=fault.memory_limit_mb,
        cache=False,
    )
    assert result.status.value == fault.status, result.log
    assert fault.said in result.log
    assert result.log
    assert list(tmp_path.iterdir()) == [tmp_path / "deck.cir"]


def test_a_deck_of_3_gb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deck.cir"
    with path.open("wb") as stream:
        stream.write(b"* a large deck\nR1 a 0 1\n")
        stream.truncate(3 * 2**30)  # a hole: it takes no space on the disk
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = simulate(path, cache=False)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert result.status is Status.REFUSED
    assert result.log == f"{path}: larger than 400 MiB; split it with .include"
    assert grown_kb < 50_000


def test_after_all_of_them_a_good_deck_is_fine(tmp_path: Path) -> None:
    result = simulate(write(tmp_path, GOOD), cache=False)
    assert result.operating_point == pytest.approx({"v(a)": 1, "v(b)": 1, "i(v1)": 0})


@pytest.mark.skipif(not PAGE.exists(), reason="no docs beside the tests")
def test_the_page_lists_every_fault() -> None:
    page = PAGE.read_text()
    missing = [f.name for f in FAULTS if f"| {f.name} | `{f.status}` |" not in page]
    assert missing == []


def test_ngspice_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NGSPICE_LIBRARY_PATH", str(tmp_path / "nix.so"))
    library_path.cache_clear()
    library_identity.cache_clear()
    try:
        with pytest.raises(SimulatorNotFoundError) as caught:
            simulate(parse_netlist(GOOD), cache=False)
    finally:
        library_path.cache_clear()
        library_identity.cache_clear()
    assert str(caught.value) == (
        f"NGSPICE_LIBRARY_PATH is {tmp_path / 'nix.so'}, which is no file; unset it, or name "
        "libngspice"
    )


def test_a_library_that_is_not_ngspice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from eda.spice.farm import NgspiceWorker

    fake = tmp_path / "libngspice.so"
    fake.write_text("no library")
    monkeypatch.setenv("NGSPICE_LIBRARY_PATH", str(fake))
    library_path.cache_clear()
    try:
        with pytest.raises(SimulatorNotFoundError, match=r"^libngspice cannot be used \(OSError"):
            NgspiceWorker()
    finally:
        library_path.cache_clear()


def test_a_cached_result_of_another_ngspice_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from eda.spice import simulator

    cache = SimulationCache(tmp_path)
    circuit = parse_netlist(GOOD)
    assert not simulate(circuit, cache=cache).cached
    assert simulate(circuit, cache=cache).cached
    monkeypatch.setattr(simulator, "library_identity", lambda: "another")
    again = simulate(circuit, cache=cache)
    assert again.status is Status.OK
    assert not again.cached
    cache.close()
