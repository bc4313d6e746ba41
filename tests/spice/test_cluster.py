"""The extra ``cluster``: the same simulations on a local Dask cluster, the same numbers.

The cluster runs in a program of its own: its threads and sockets outlive it by a moment, which the
other tests, where every warning is an error, must not see.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from eda.errors import ToolNotFoundError
from eda.spice.ngspice_shared import library_path

SCRIPT = """
import json, sys
from distributed import Client, LocalCluster
from eda.spice import Op, SimulationCache, example_case, monte_carlo, parse_netlist, simulate_many

def main():
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        print(json.dumps(compare(client.get_executor())))

def compare(executor):
    divider = parse_netlist("* d\\n.param r=1k\\nI1 0 a 1m\\nR1 a 0 {r}\\n")
    sweep = [{"r": 1e3 * k} for k in range(1, 9)]
    many = [
        [result.operating_point for result in simulate_many(
            [divider], Op(), parameters=sweep, executor=where, cache=False)]
        for where in (executor, None)
    ]
    odd = parse_netlist("* d\\nV1 a 0 1\\nV2 a 0 2\\n")
    failed = simulate_many([odd, divider], Op(), executor=executor, cache=False)
    case = example_case()
    designs = [case.nominal, {**case.nominal, "i_bias": 1e-5}]
    cache = SimulationCache(sys.argv[1])  # travels to the workers, and is shared with them
    designed = [case.simulate(designs, executor=where, cache=cache) for where in (executor, None)]
    random = parse_netlist("* r\\nI1 0 a 1m\\nR1 a 0 {agauss(1k, 30, 3)}\\n")
    drawn = [
        monte_carlo(random, Op(), samples=6, executor=where, cache=False).values("v(a)").tolist()
        for where in (executor, None)
    ]
    return {
        "many": many,
        "failed": [result.status.value for result in failed],
        "designs": [[dict(result.metrics) for result in results] for results in designed],
        "cached": [[result.cached for result in results] for results in designed],
        "drawn": drawn,
    }

if __name__ == "__main__":
    main()
"""


def test_a_dask_cluster_gives_the_same(tmp_path: Path) -> None:
    if find_spec("distributed") is None:
        pytest.skip("the extra cluster is not installed")
    try:
        library_path()
    except ToolNotFoundError:
        pytest.skip("libngspice is not installed")
    script = tmp_path / "on_dask.py"
    script.write_text(SCRIPT)
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    for what in ("many", "designs", "drawn"):
        far, near = found[what]
        assert far == near
    assert [point["v(a)"] for point in found["many"][0]] == pytest.approx(list(range(1, 9)))
    assert found["failed"] == ["no_convergence", "ok"]
    assert len(set(found["drawn"][0])) == 6
    # What the cluster has simulated is in the cache that both share.
    assert found["cached"] == [[False, False], [True, True]]
