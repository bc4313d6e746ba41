"""Reading ``filter-spec/1``: strict, with one error that names the field and how to mend it."""

from __future__ import annotations

import os
from typing import Any, Final, cast

from eda.filters.fields import Fields
from eda.filters.microstrip.limits_reader import read_microstrip_limits
from eda.filters.series import SERIES, values
from eda.filters.spec import (
    RESPONSES,
    SCHEMA,
    TECHNOLOGIES,
    ActiveLimits,
    FilterSpec,
    LumpedLimits,
    OpAmp,
    PartRule,
    PassBand,
    Response,
    StopBand,
)
from eda.filters.strict_json import load_json, read_bounded

_TOP: Final = (
    *("schema", "id", "title", "application", "response", "technology", "ports", "passbands"),
    *("stopbands", "limits", "tier", "gain_nominal_db", "yield_report"),
)
_LUMPED: Final = ("max_reactive_elements", "l_range_h", "c_range_f", "inductor", "capacitor")
_ACTIVE: Final = ("max_opamps", "opamp", "resistor", "capacitor")
_TIERS: Final = ("standard", "hard")
_Q_LAW: Final = "q_at_ref*sqrt(f/f_ref), capped at 1.5*q_at_ref"


def read_spec(path: str | os.PathLike[str]) -> FilterSpec:
    """Return the specification in a file.

    Args:
        path: A ``filter-spec/1`` file.

    Raises:
        SpecError: It cannot be read; the message names the field.
    """
    return parse_spec(read_bounded(path), where=str(path))


def parse_spec(text: str | bytes, *, where: str = "spec") -> FilterSpec:
    r"""Return the specification in a JSON text.

    Args:
        text: The JSON.
        where: What to call it in errors.

    Raises:
        SpecError: It is no JSON, or a field is wrong; the message names it.

    Example:
        >>> parse_spec('{"schema": "filter-spec/1", "colour": 1}', where="x.json")
        Traceback (most recent call last):
        ...
        eda.errors.SpecError: x.json: colour: unknown field; leave it out
    """
    return spec_of(load_json(text, where=where, what="specification"), where=where)


def spec_of(data: object, *, where: str = "spec") -> FilterSpec:
    """Return the specification that plain values (dict, list, numbers) describe.

    Raises:
        SpecError: A field is wrong; the message names it.
    """
    top = Fields(data, where, "", _TOP)
    if top.text("schema") != SCHEMA:
        raise top.wrong("schema", f"is {top.text('schema')!r}; write {SCHEMA!r}")
    response = top.choice("response", RESPONSES)
    technology = top.choice("technology", TECHNOLOGIES)
    if technology != "active_rc" and "gain_nominal_db" in top:
        raise top.wrong("gain_nominal_db", "goes with active_rc only; leave it out")
    ports = top.group("ports", ("zs_ohm", "zl_ohm"))
    passbands = tuple(_pass_band(item) for item in top.groups("passbands", _PASS_FIELDS))
    stopbands = tuple(_stop_band(item) for item in top.groups("stopbands", _STOP_FIELDS))
    trials = 200
    if "yield_report" in top:
        trials = top.group("yield_report", ("mc_trials",)).integer("mc_trials", 1, 100_000)
    spec = FilterSpec(
        response=cast("Response", response),
        technology=technology,
        zs_ohm=ports.number("zs_ohm", above=0.0, most=1e9),
        zl_ohm=ports.number("zl_ohm", above=0.0, most=1e9),
        passbands=tuple(sorted(passbands, key=lambda band: band.f_lo_hz)),
        stopbands=tuple(sorted(stopbands, key=lambda band: band.f_lo_hz)),
        limits=_LIMITS[technology](top),
        gain_nominal_db=top.number("gain_nominal_db", least=-200.0, most=200.0, default=0.0),
        id=top.text("id", default="filter"),
        title=top.text("title", default=""),
        application=top.text("application", default=""),
        tier=top.choice("tier", _TIERS, default="standard"),
        mc_trials=trials,
    )
    _check_order(spec, passbands, stopbands, top)
    return spec


_PASS_FIELDS: Final = ("f_lo_hz", "f_hi_hz", "il_max_db", "rl_min_db", "ripple_max_db")
_STOP_FIELDS: Final = ("f_lo_hz", "f_hi_hz", "atten_min_db")


def _edges(item: Fields) -> tuple[float, float]:
    low = item.number("f_lo_hz", above=0.0, most=1e13)
    high = item.number("f_hi_hz", above=0.0, most=1e13)
    if low == high:
        raise item.wrong("f_hi_hz", f"equals f_lo_hz ({low:g} Hz); a band has a width")
    if low > high:
        raise item.wrong("f_hi_hz", f"{high:g} Hz is below f_lo_hz ({low:g} Hz); exchange them")
    return low, high


def _pass_band(item: Fields) -> PassBand:
    low, high = _edges(item)
    ripple = None
    if item.data.get("ripple_max_db") is not None:
        ripple = item.number("ripple_max_db", above=0.0, most=200.0)
    return PassBand(
        low,
        high,
        il_max_db=item.number("il_max_db", least=0.0, most=200.0),
        rl_min_db=item.number("rl_min_db", least=0.0, most=100.0, default=0.0),
        ripple_max_db=ripple,
    )


def _stop_band(item: Fields) -> StopBand:
    low, high = _edges(item)
    return StopBand(low, high, atten_min_db=item.number("atten_min_db", above=0.0, most=300.0))


def _check_order(
    spec: FilterSpec,
    passbands: tuple[PassBand, ...],
    stopbands: tuple[StopBand, ...],
    top: Fields,
) -> None:
    """Refuse bands that overlap, or lie where this response has none."""
    for i, passed in enumerate(passbands):
        for j, stopped in enumerate(stopbands):
            if passed.f_lo_hz < stopped.f_hi_hz and stopped.f_lo_hz < passed.f_hi_hz:
                raise top.wrong(f"stopbands[{j}]", f"overlaps passbands[{i}]; move an edge apart")
    first, last = spec.passbands[0].f_lo_hz, spec.passbands[-1].f_hi_hz
    below = [band.f_hi_hz <= first for band in stopbands]
    above = [band.f_lo_hz >= last for band in stopbands]
    if spec.response == "lowpass" and not all(above):
        name = f"stopbands[{above.index(False)}]"
        raise top.wrong(name, "bands out of order: a lowpass stops above what it passes")
    if spec.response == "highpass" and not all(below):
        name = f"stopbands[{below.index(False)}]"
        raise top.wrong(name, "bands out of order: a highpass stops below what it passes")
    if spec.response == "bandpass":
        outside = [a or b for a, b in zip(below, above, strict=True)]
        if not all(outside):
            name = f"stopbands[{outside.index(False)}]"
            raise top.wrong(name, "bands out of order: a bandpass stops outside what it passes")
    if spec.response == "bandstop":
        low, high = spec.stopbands[0].f_lo_hz, spec.stopbands[-1].f_hi_hz
        sides = [band.f_hi_hz <= low or band.f_lo_hz >= high for band in passbands]
        if not all(sides):
            name = f"passbands[{sides.index(False)}]"
            raise top.wrong(name, "bands out of order: a bandstop passes outside what it stops")


def _rule(group: Fields, low: float, high: float) -> PartRule:
    rule = PartRule(
        series=group.choice("series", SERIES),
        tolerance=group.number("tolerance", least=0.0, most=0.5),
        low=low,
        high=high,
    )
    if not len(values(rule)):
        raise group.wrong("series", f"{rule.series} has no value from {low:g} to {high:g}")
    return rule


def _lumped(top: Fields) -> LumpedLimits:
    limits = top.group("limits", _LUMPED)
    inductor = limits.group("inductor", ("series", "tolerance", "q_at_ref", "f_ref_hz", "q_law"))
    capacitor = limits.group("capacitor", ("series", "tolerance", "q"))
    law = inductor.text("q_law", default=_Q_LAW)
    if law != _Q_LAW:
        raise inductor.wrong("q_law", f"is {law[:60]!r}; the only law known is {_Q_LAW!r}")
    return LumpedLimits(
        max_parts=limits.integer("max_reactive_elements", 1, 40),
        inductor=_rule(inductor, *limits.pair("l_range_h")),
        capacitor=_rule(capacitor, *limits.pair("c_range_f")),
        q_at_ref=inductor.number("q_at_ref", above=0.0, most=1e9),
        f_ref_hz=inductor.number("f_ref_hz", above=0.0, most=1e13),
        capacitor_q=capacitor.number("q", above=0.0, most=1e9),
    )


def _active(top: Fields) -> ActiveLimits:
    limits = top.group("limits", _ACTIVE)
    opamp = limits.group("opamp", ("gbw_hz", "a0_db", "rout_ohm", "model"))
    if opamp.text("model", default="single pole") != "single pole":
        raise opamp.wrong("model", "the only model known is 'single pole'")
    resistor = limits.group("resistor", ("series", "tolerance", "r_min_ohm", "r_max_ohm"))
    capacitor = limits.group("capacitor", ("series", "tolerance", "c_min_f", "c_max_f"))
    rules = []
    for group, low, high in (
        (resistor, "r_min_ohm", "r_max_ohm"),
        (capacitor, "c_min_f", "c_max_f"),
    ):
        least = group.number(low, above=0.0, most=1e15)
        most = group.number(high, above=0.0, most=1e15)
        if least > most:
            raise group.wrong(low, f"{least:g} is above {high} ({most:g}); exchange them")
        rules.append(_rule(group, least, most))
    return ActiveLimits(
        max_opamps=limits.integer("max_opamps", 1, 20),
        opamp=OpAmp(
            gbw_hz=opamp.number("gbw_hz", above=0.0, most=1e13),
            a0_db=opamp.number("a0_db", above=0.0, most=300.0),
            rout_ohm=opamp.number("rout_ohm", least=0.0, most=1e9),
        ),
        resistor=rules[0],
        capacitor=rules[1],
    )


_LIMITS: Final[dict[str, Any]] = {
    "lumped_lc": _lumped,
    "active_rc": _active,
    "microstrip": read_microstrip_limits,
}
