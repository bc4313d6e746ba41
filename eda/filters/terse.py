"""A specification in a few words, as a person types it: bands, attenuation, return loss."""

from __future__ import annotations

import re
from typing import Any, Final

from eda.errors import SpecError
from eda.filters.impossible import least_loss_db
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import spec_of
from eda.numbers import parse_number

RESPONSES: Final = ("lowpass", "highpass", "bandpass", "bandstop")
FAMILIES: Final = {"lumped": "lumped_lc", "active": "active_rc", "microstrip": "microstrip"}

_FREQUENCY: Final = re.compile(r"^\s*([0-9][0-9.eE+-]*?)\s*([a-zA-Z]*)\s*$")
_SCALES: Final = {"": 1.0, "m": 1e-3, "k": 1e3, "meg": 1e6, "g": 1e9, "t": 1e12}
_BOARD: Final[dict[str, Any]] = {
    "substrate": {"name": "RO4350B", "er": 3.66, "tand": 0.0037, "h_mm": 0.508, "t_um": 35},
    "min_width_mm": 0.15,
    "min_gap_mm": 0.15,
    "dimension_grid_mm": 0.01,
    "max_footprint_mm": [100, 80],
    "families_allowed": ["edge_coupled", "hairpin", "open_loop", "stepped_impedance", "stub"],
    "ground_vias_allowed": True,
}
"""The board of a printed filter in few words; a specification file says another."""

_PRINTED_REACH: Final = 1.5
"""Lines pass again at twice the frequency; what is asked of printed filters ends before."""

_PRINTED_PASS: Final = 2.0
"""A printed high-pass stops again where its stubs are half a wave long."""

_DEFAULT_RL_DB: Final = 12.0
_DEFAULT_IL_DB: Final = 3.0
_LOSS_ROOM: Final = 3.0
"""A filter of a few parts loses some three times what theory allows at best."""


def frequency_hz(text: str, *, option: str, unit: str = "") -> float:
    """Return a frequency as people write it.

    Args:
        text: As ``2.4GHz``, ``455 kHz``, ``10M``, ``100``.
        option: What to call it in errors.
        unit: The unit where the text has none.

    Raises:
        SpecError: It is none.

    Example:
        >>> frequency_hz("2.4GHz", option="--bandpass")
        2400000000.0
    """
    match = _FREQUENCY.match(text)
    number = parse_number(match[1]) if match else None
    letters = (match[2] or unit) if match else ""
    prefix = re.sub(r"hz$", "", letters, flags=re.IGNORECASE)
    # m is milli and M is mega, as everywhere but in SPICE.
    scale = 1e6 if prefix in ("M", "MEG", "Meg") else _SCALES.get(prefix.lower())
    if number is None or scale is None or number <= 0:
        raise SpecError(f"{option}: {text.strip()!r} is no frequency; write 2.4GHz or 455kHz")
    return float(f"{number * scale:.12g}")


def _range(text: str, option: str) -> tuple[float, float]:
    parts = text.split("-")
    if len(parts) != 2:
        raise SpecError(f"{option}: {text!r} is no band; write 2.4-2.5GHz")
    letters = re.sub(r"^[\s0-9.eE+]*", "", parts[1]).strip()
    return (
        frequency_hz(parts[0], option=option, unit=letters),
        frequency_hz(parts[1], option=option),
    )


def _stops(text: str) -> list[tuple[float, float, float]]:
    """Return low, high (equal where one frequency is given) and attenuation of each stop."""
    made = []
    for item in text.split(","):
        where, _, level = item.partition(":")
        number = re.match(r"^\s*([0-9.]+)\s*(dB)?\s*$", level, re.IGNORECASE)
        if not number:
            raise SpecError(f"--stop: {item.strip()!r} has no level; write 2.2GHz:30dB")
        if "-" in where:
            low, high = _range(where, "--stop")
        else:
            low = high = frequency_hz(where, option="--stop")
        made.append((low, high, float(number[1])))
    return made


def terse_spec(
    *,
    lowpass: str | None = None,
    highpass: str | None = None,
    bandpass: str | None = None,
    bandstop: str | None = None,
    stop: str,
    rl_db: float | None = None,
    il_db: float | None = None,
    ripple_db: float | None = None,
    gain_db: float = 0.0,
    family: str = "lumped",
    z_ohm: float = 50.0,
    parts: int | None = None,
    series: str | None = None,
    q: float | None = None,
    gbw_hz: float = 10e6,
) -> FilterSpec:
    """Return a specification from a few words.

    A stop that is a single frequency reaches away from the pass band, to a tenth or ten times of
    it (one and a half times for microstrip, whose lines pass again at twice the frequency);
    a printed high-pass has to pass up to twice its edge;
    between two of a band-stop it is the band between them.

    Args:
        lowpass: Highest frequency to pass, as ``10MHz``.
        highpass: Lowest frequency to pass.
        bandpass: Band to pass, as ``2.4-2.5GHz``.
        bandstop: Edges that must pass again, as ``80-120MHz``.
        stop: Frequencies or bands and their attenuation, as ``2.2GHz:30dB,2.7GHz:30dB``.
        rl_db: Return loss in the pass band, 12 dB by default; not for active filters.
        il_db: Insertion loss. By default 1 dB for active filters; for lumped ones 3 dB, or what
            the quality of the inductors makes necessary.
        ripple_db: Ripple of an active filter, 1 dB by default.
        gain_db: Gain of an active filter.
        family: ``lumped``, ``active`` or ``microstrip``.
        z_ohm: Of source and load; an active filter has 50 ohm and 10 kohm.
        parts: Most inductors and capacitors (11), or op-amps (4).
        series: Of the parts; E24, or E96 for resistors.
        q: Quality of the inductors at the pass band, 60 by default.
        gbw_hz: Gain-bandwidth of the op-amps.

    Raises:
        SpecError: The words make no sense; the message names the option.

    Example:
        >>> spec = terse_spec(bandpass="2.4-2.5GHz", stop="2.2GHz:30dB,2.7GHz:30dB", rl_db=15)
        >>> [round(band.f_hi_hz / 1e9, 3) for band in spec.stopbands]
        [2.2, 27.0]
    """
    given = {"lowpass": lowpass, "highpass": highpass, "bandpass": bandpass, "bandstop": bandstop}
    named = [(name, text) for name, text in given.items() if text]
    if len(named) != 1:
        raise SpecError("give one of --lowpass, --highpass, --bandpass, --bandstop")
    if family not in FAMILIES:
        raise SpecError(f"--family: {family!r}; write one of {', '.join(FAMILIES)}")
    response, text = named[0]
    option = f"--{response}"
    stops = _stops(stop)
    if "pass" in response and response != "bandpass":
        edge = frequency_hz(str(text), option=option)
        reach = _PRINTED_PASS if FAMILIES[family] == "microstrip" else 10.0
        low, high = (edge / 100, edge) if response == "lowpass" else (edge, edge * reach)
    else:
        low, high = _range(str(text), option)
    technology = FAMILIES[family]
    active = technology == "active_rc"
    common: dict[str, Any] = {
        "il_max_db": il_db if il_db is not None else (1.0 if active else _DEFAULT_IL_DB),
        "rl_min_db": 0 if active else (rl_db if rl_db is not None else _DEFAULT_RL_DB),
    }
    if active:
        common["ripple_max_db"] = ripple_db if ripple_db is not None else 1.0
    bands = [(low, high)]
    if response == "bandstop":
        wide = _PRINTED_REACH if technology == "microstrip" else 10
        bands = [(low / wide, low), (high, high * wide)]
    data: dict[str, Any] = {
        "schema": "filter-spec/1",
        "id": "filter",
        "title": f"{response} {text}, stop {stop}",
        "response": response,
        "technology": technology,
        "ports": {"zs_ohm": z_ohm, "zl_ohm": 1e4 if active else z_ohm},
        "passbands": [{"f_lo_hz": a, "f_hi_hz": b, **common} for a, b in bands],
        "stopbands": [
            {"f_lo_hz": a, "f_hi_hz": b, "atten_min_db": level}
            for a, b, level in _reach(stops, response, low, high, technology)
        ],
    }
    if active:
        data["gain_nominal_db"] = gain_db
    centre = high if response == "lowpass" else (low * high) ** 0.5
    data["limits"] = _limits(technology, centre, z_ohm, parts, series, q, gbw_hz)
    spec = spec_of(data, where="command line")
    if il_db is None and technology == "lumped_lc":
        # Nobody said how much may be lost: what these inductors make of such stop bands, and room.
        needed = round(_LOSS_ROOM * least_loss_db(spec)[0] + 1.5, 1)
        for band in data["passbands"]:
            band["il_max_db"] = max(_DEFAULT_IL_DB, needed)
        spec = spec_of(data, where="command line")
    return spec


def _reach(
    stops: list[tuple[float, float, float]],
    response: str,
    low: float,
    high: float,
    technology: str,
) -> list[tuple[float, float, float]]:
    """Give stops that are single frequencies a width."""
    if response == "bandstop":
        singles = sorted(item for item in stops if item[0] == item[1])
        bands = [item for item in stops if item[0] != item[1]]
        if len(singles) == 1:
            at = singles[0][0]
            return [*bands, (at * 0.999, at * 1.001, singles[0][2])]
        if singles:
            level = max(item[2] for item in singles)
            bands.append((singles[0][0], singles[-1][0], level))
        return bands
    made = []
    for a, b, level in stops:
        if a == b:
            above = _PRINTED_REACH if technology == "microstrip" else 10
            a, b = (a / 10, a) if a < low else (a, a * above)
        made.append((a, b, level))
    return made


def _limits(
    technology: str,
    centre_hz: float,
    z_ohm: float,
    parts: int | None,
    series: str | None,
    q: float | None,
    gbw_hz: float,
) -> dict[str, Any]:
    if technology == "active_rc":
        return {
            "max_opamps": parts or 4,
            "opamp": {"gbw_hz": gbw_hz, "a0_db": 106, "rout_ohm": 100, "model": "single pole"},
            "resistor": {
                "series": series or "E96",
                "tolerance": 0.01,
                "r_min_ohm": 470,
                "r_max_ohm": 470e3,
            },
            "capacitor": {"series": "E12", "tolerance": 0.05, "c_min_f": 47e-12, "c_max_f": 1e-5},
        }
    if technology == "microstrip":
        return {**_BOARD, "max_order": parts or 6}
    # What shops sell around a reactance of the port: a hundredth to a hundred times.
    omega = 6.283185307179586 * centre_hz
    return {
        "max_reactive_elements": parts or 11,
        "l_range_h": [z_ohm / omega / 60, z_ohm / omega * 60],
        "c_range_f": [1 / (z_ohm * omega) / 60, 1 / (z_ohm * omega) * 60],
        "inductor": {
            "series": series or "E24",
            "tolerance": 0.05,
            "q_at_ref": q or 60,
            "f_ref_hz": centre_hz,
        },
        "capacitor": {"series": series or "E24", "tolerance": 0.05, "q": 400},
    }
