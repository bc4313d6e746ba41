"""``eda simulate --testbench``: a bare subcircuit characterised; its data sheet, its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli.output import complain, note, put, put_json, put_table, replacing, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Circuit
    from eda.spice.testbenches import TestbenchResult

SCHEMA: Final = "eda.testbench/1"

Kind = Annotated[
    str | None,
    typer.Option(
        "--testbench",
        metavar="KIND",
        help="Characterise a bare subcircuit: opamp, comparator, ldo, oscillator or filter.",
    ),
]
Ports = Annotated[
    list[str] | None,
    typer.Option("--port", metavar="ROLE=PORT", help="Which port plays a role; may be repeated."),
]
Biases = Annotated[
    list[str] | None,
    typer.Option("--bias", metavar="PORT=VALUE", help="Voltage or current of a bias port: ib=10u."),
]
Supply = Annotated[
    str | None, typer.Option("--supply", metavar="V", help="Supply of a testbench; 1.8 V.")
]
Split = Annotated[bool, typer.Option("--split", help="Rails at plus and minus half of the supply.")]
Common = Annotated[
    str | None, typer.Option("--vcm", metavar="V", help="Common mode of a testbench's inputs.")
]
Load = Annotated[
    str | None, typer.Option("--load", metavar="F", help="Load capacitance of a testbench.")
]
LoadCurrent = Annotated[
    str | None, typer.Option("--load-current", metavar="A", help="Largest load of an LDO; 1 mA.")
]
Clock = Annotated[
    str | None, typer.Option("--clock", metavar="HZ", help="Clock of a clocked comparator.")
]
Impedance = Annotated[
    str | None, typer.Option("--z0", metavar="OHM", help="Reference of S-parameters; 50 ohm.")
]
Models = Annotated[
    str | None,
    typer.Option(
        "--models",
        metavar="FILE",
        help="Model cards for a testbench; generic takes round numbers of no process.",
    ),
]
Touchstone = Annotated[
    Path | None,
    typer.Option("--touchstone", metavar="OUT", help="Write a filter's S-parameters: OUT.s2p."),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options of a testbench say, as they were written."""

    kind: str | None
    ports: list[str] | None
    biases: list[str] | None
    supply: str | None
    split: bool
    common: str | None
    load: str | None
    load_current: str | None
    clock: str | None
    z0: str | None
    models: str | None
    touchstone: Path | None
    subcircuit: str | None

    def stray(self) -> str:
        """Return an option that only a testbench has, where there is none."""
        from dataclasses import fields

        names = {
            **{"ports": "port", "biases": "bias", "common": "vcm"},
            **{"load_current": "load-current"},
        }
        for item in fields(self):
            if item.name != "kind" and getattr(self, item.name):
                return f"--{names.get(item.name, item.name)}"
        return ""


def characterise(
    circuit: Circuit,
    file: str,
    wanted: Wanted,
    *,
    plot: Path | None,
    json: bool,
    time_limit: float,
    memory_limit: float,
    cache: bool,
) -> int:
    """Run a testbench, show what it gives, and return the exit code.

    Raises:
        InputError: An option makes no sense, or a role cannot be found.
    """
    from eda.spice.testbenches import testbench

    numbers = {
        "supply_v": _number("--supply", wanted.supply),
        "common_v": _number("--vcm", wanted.common),
        "load_f": _number("--load", wanted.load),
        "load_a": _number("--load-current", wanted.load_current),
        "clock_hz": _number("--clock", wanted.clock),
        "z0_ohm": _number("--z0", wanted.z0),
    }
    bench = testbench(
        circuit,
        wanted.kind or "",
        split=wanted.split,
        ports=_pairs("--port", wanted.ports, "ROLE=PORT, as inp=vip"),
        bias=_pairs("--bias", wanted.biases, "PORT=VALUE, as ib=10u"),
        models=wanted.models,
        subcircuit=wanted.subcircuit,
        **{name: value for name, value in numbers.items() if value is not None},
    )
    note(f"{file}: {bench.setup.dut.subcircuit.name}: roles {bench.roles.described()}")
    with waiting(f"measuring {bench.setup.dut.subcircuit.name}"):
        result = bench.run(time_limit_s=time_limit, memory_limit_mb=memory_limit, cache=cache)
    _write(result, file, plot, wanted.touchstone, bench.setup.conditions.z0_ohm)
    if json:
        put_json(SCHEMA, {"file": file, **answer(result)})
    else:
        _show(file, result)
    if result.ok:
        return 0
    return 2 if result.status == "refused" else 4


def answer(result: TestbenchResult) -> dict[str, Any]:
    """Return a result as JSON values; what does not exist is null."""
    return {
        "testbench": result.kind,
        "subcircuit": result.name,
        "status": result.status.value,
        "ports": {role: list(ports) for role, ports in result.roles.by_role.items()},
        "bias": [
            {"port": item.port, "value": item.value, "unit": item.unit, "origin": item.origin}
            for item in result.bias
        ],
        "conditions": dict(result.conditions),
        "metrics": [
            {
                "name": item.name,
                "value": _finite(item.value),
                "unit": item.unit,
                "meaning": item.meaning,
            }
            for item in result.metrics
        ],
        "transistors": [
            {
                "device": point.device,
                "region": point.region,
                **{
                    name: _finite(getattr(point, name))
                    for name in ("id_a", "gm_s", "gds_s", "vgs_v", "vds_v", "vth_v", "vdsat_v")
                },
            }
            for point in result.transistors.values()
        ],
        "benches": [
            {"name": item.name, "status": item.status.value, "cached": item.cached}
            for item in result.benches
        ],
        "notes": list(result.notes),
    }


def engineering(value: float, unit: str) -> str:
    """Return a value as a data sheet has it.

    Example:
        >>> engineering(12.8e6, "Hz"), engineering(91.86, "dB"), engineering(float("nan"), "V")
        ('12.8 MHz', '91.86 dB', '-')
    """
    if not math.isfinite(value):
        return "-"
    if unit in ("dB", "deg", "%", ""):
        small = 0 < abs(value) < 1e-3
        return f"{0.0 if small and unit else value:.4g} {unit}".rstrip()
    if value == 0:
        return f"0 {unit}"
    power = min(max(math.floor(math.log10(abs(value)) / 3), -6), 5)
    text = f"{value / 1000.0**power:.4g}"
    if abs(float(text)) >= 1000 and power < 5:
        power += 1
        text = f"{value / 1000.0**power:.4g}"
    prefix = "afpnum kMGTP"[power + 6].strip()
    return f"{text} {prefix}{unit}"


def _show(file: str, result: TestbenchResult) -> None:
    for text in result.notes:
        note(f"note: {text}")
    rows = [(item.port, engineering(item.value, item.unit), item.origin) for item in result.bias]
    if rows:
        put_table(rows, headers=("bias", "value", "origin"), right=("value",))
        put("")
    if result.metrics:
        put_table(
            ((m.name, engineering(m.value, m.unit), m.meaning) for m in result.metrics),
            headers=(result.kind, "value", "definition"),
            right=("value",),
        )
    if result.transistors:
        put("")
        put_table(
            (
                (
                    point.device,
                    point.region,
                    engineering(point.id_a, "A"),
                    engineering(point.gm_s, "S"),
                    engineering(point.gds_s, "S"),
                    engineering(point.vdsat_v, "V"),
                    engineering(point.vds_v, "V"),
                )
                for point in result.transistors.values()
            ),
            headers=("transistor", "region", "id", "gm", "gds", "vdsat", "vds"),
            right=("id", "gm", "gds", "vdsat", "vds"),
        )
    given = result.conditions
    load = engineering(given["load_f"], "F")
    note(f"at {given['supply_v']:g} V, common mode {given['common_v']:g} V, load {load}")
    if not result.ok:
        for item in result.benches:
            if item.status != "ok":
                complain("\n".join(item.log.splitlines()[:5]))
        complain(f"error: {file}: the testbench ended as {result.status.value}")


def _write(
    result: TestbenchResult, file: str, plot: Path | None, touchstone: Path | None, z0_ohm: float
) -> None:
    if plot is not None and result.panels:
        from eda.plots import save_figure, testbench_figure

        with replacing(plot, inputs=[file]) as temporary:
            save_figure(testbench_figure(result), temporary)
        note(f"wrote {plot}")
    if touchstone is not None:
        from eda.errors import InputError
        from eda.spice.measures import write_touchstone

        if result.network is None:
            raise InputError(
                f"{touchstone}: there are no S-parameters; they are measured of passive filters "
                "with one input and one output"
            )
        frequency, s = result.network
        with replacing(touchstone, inputs=[file]) as temporary:
            write_touchstone(temporary, frequency, s, z0=z0_ohm)
        note(f"wrote {touchstone}")


def _number(option: str, text: str | None) -> float | None:
    from eda.errors import InputError
    from eda.numbers import parse_number

    if text is None:
        return None
    value = parse_number(text)
    if value is None or not math.isfinite(value):
        raise InputError(f"{option} {text}: {text!r} is no number; write it as 1.8 or 10p")
    return value


def _pairs(option: str, texts: Sequence[str] | None, form: str) -> dict[str, str]:
    from eda.errors import InputError

    made: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise InputError(f"{option} {text}: write it as {form}")
        if name.strip() in made:
            raise InputError(f"{option} {text}: {name.strip()} is given twice")
        made[name.strip()] = value.strip()
    return made


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
