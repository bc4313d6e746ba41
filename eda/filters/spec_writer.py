"""Writing ``filter-spec/1``: a specification as plain values, which read back as the same."""

from __future__ import annotations

from typing import Any

from eda.filters.spec import SCHEMA, FilterSpec, LumpedLimits


def spec_to_dict(spec: FilterSpec) -> dict[str, Any]:
    """Return a lumped or active specification as `spec_of` reads it.

    Example:
        >>> from eda.filters.spec_reader import spec_of
        >>> from eda.filters.terse import terse_spec
        >>> spec = terse_spec(lowpass="1MHz", stop="3MHz:40dB")
        >>> spec_of(spec_to_dict(spec)) == spec
        True
    """
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "id": spec.id,
        "title": spec.title,
        "application": spec.application,
        "response": spec.response,
        "technology": spec.technology,
        "ports": {"zs_ohm": spec.zs_ohm, "zl_ohm": spec.zl_ohm},
        "passbands": [
            {
                "f_lo_hz": band.f_lo_hz,
                "f_hi_hz": band.f_hi_hz,
                "il_max_db": band.il_max_db,
                "rl_min_db": band.rl_min_db,
                **({} if band.ripple_max_db is None else {"ripple_max_db": band.ripple_max_db}),
            }
            for band in spec.passbands
        ],
        "stopbands": [
            {"f_lo_hz": b.f_lo_hz, "f_hi_hz": b.f_hi_hz, "atten_min_db": b.atten_min_db}
            for b in spec.stopbands
        ],
        "limits": _limits(spec),
        "tier": spec.tier,
        "yield_report": {"mc_trials": spec.mc_trials},
    }
    if spec.technology == "active_rc":
        made["gain_nominal_db"] = spec.gain_nominal_db
    return made


def _limits(spec: FilterSpec) -> dict[str, Any]:
    if isinstance(spec.limits, LumpedLimits):
        limits = spec.limits
        return {
            "max_reactive_elements": limits.max_parts,
            "l_range_h": [limits.inductor.low, limits.inductor.high],
            "c_range_f": [limits.capacitor.low, limits.capacitor.high],
            "inductor": {
                "series": limits.inductor.series,
                "tolerance": limits.inductor.tolerance,
                "q_at_ref": limits.q_at_ref,
                "f_ref_hz": limits.f_ref_hz,
            },
            "capacitor": {
                "series": limits.capacitor.series,
                "tolerance": limits.capacitor.tolerance,
                "q": limits.capacitor_q,
            },
        }
    active = spec.active
    return {
        "max_opamps": active.max_opamps,
        "opamp": {
            "gbw_hz": active.opamp.gbw_hz,
            "a0_db": active.opamp.a0_db,
            "rout_ohm": active.opamp.rout_ohm,
            "model": "single pole",
        },
        "resistor": {
            "series": active.resistor.series,
            "tolerance": active.resistor.tolerance,
            "r_min_ohm": active.resistor.low,
            "r_max_ohm": active.resistor.high,
        },
        "capacitor": {
            "series": active.capacitor.series,
            "tolerance": active.capacitor.tolerance,
            "c_min_f": active.capacitor.low,
            "c_max_f": active.capacitor.high,
        },
    }
