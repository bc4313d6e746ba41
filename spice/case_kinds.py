"""The twenty kinds of measure of a case: their fields, and how each is worked out.

Each function gets a `Reading` (the vectors of one analysis) and the fields with their values in
this run. It returns the metric; `NoValue` says that there is none, so that the design failed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from eda.spice import measures
from eda.spice.measures import Step

FieldType = Literal["value", "signal", "signals", "source", "pair", "refer", "edge", "flag"]
Fields = Mapping[str, Any]

SIGNAL: Final = re.compile(
    r"(?:v\((?P<plus>[^\s,()]+)(?:,(?P<minus>[^\s,()]+))?\)|i\((?P<source>[^\s,()]+)\))$"
)
"""``v(node)``, ``v(node1,node2)`` or ``i(source)``."""


class NoValue(Exception):  # the caller makes a failed design of it
    """A measure has no value: a vector is missing, or a window holds no time point."""

    def __init__(self, why: str, *, missing: bool = False) -> None:
        """Keep whether a vector is missing."""
        super().__init__(why)
        self.missing = missing


@dataclass(frozen=True)
class Reading:
    """The vectors of one analysis.

    Attributes:
        axis: Frequencies (Hz) or times (s); empty for an operating point.
        arrays: Vectors by name, as ``v(out)`` and ``i(v1)``.
        totals: ``inoise_total`` and ``onoise_total`` of a noise analysis.
    """

    axis: NDArray[np.float64]
    arrays: Mapping[str, NDArray[Any]]
    totals: Mapping[str, float] = field(default_factory=dict)

    def vector(self, name: str) -> NDArray[Any]:
        """Return a vector by its name."""
        if name not in self.arrays:
            raise NoValue(f"there is no vector {name}", missing=True)
        return self.arrays[name]

    def signal(self, text: str) -> NDArray[Any]:
        """Return ``v(node)``, the difference ``v(node1,node2)``, or ``i(source)``."""
        found = SIGNAL.match(text)
        if found is None:
            raise NoValue(f"{text} is no signal", missing=True)
        if found["source"]:
            return self.vector(text)
        plus = self._node(found["plus"])
        minus = 0.0 if found["minus"] is None else self._node(found["minus"])
        made: NDArray[Any] = np.asarray(plus - minus)
        if made.ndim == 0:  # ground only
            return np.zeros(max(self.axis.size, 1))
        return made

    def _node(self, name: str) -> Any:
        return 0.0 if name == "0" else self.vector(f"v({name})")

    def point(self, text: str) -> float:
        """Return the only value of a signal of an operating point."""
        return float(np.real(self.signal(text)[0]))

    def real(self, text: str) -> NDArray[np.float64]:
        """Return a signal over time."""
        return np.ascontiguousarray(np.real(self.signal(text)), dtype=np.float64)

    def complex(self, text: str) -> NDArray[np.complex128]:
        """Return a signal over frequency."""
        return np.asarray(self.signal(text), dtype=np.complex128)


Compute = Callable[[Reading, Fields], float]


@dataclass(frozen=True)
class Kind:
    """A kind of measure.

    Attributes:
        analysis: Which analysis it reads.
        unit: Of its value.
        required: Type by name of the fields it must have.
        optional: Type by name of those it may have.
        defaults: Values of those that have a default; ``undefined`` is one of them.
        one_of: Optional fields of which exactly one must be there.
        compute: Works it out.
    """

    analysis: Literal["op", "ac", "noise", "tran"]
    unit: str
    required: Mapping[str, FieldType]
    compute: Compute
    optional: Mapping[str, FieldType] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()


# -- op -----------------------------------------------------------------------------------------


def _supply_power(reading: Reading, fields: Fields) -> float:
    return measures.power(reading.point(f"i({fields['source']})"), fields["supply_v"])


def _supply_current(reading: Reading, fields: Fields) -> float:
    return -reading.point(f"i({fields['source']})") - float(fields["subtract"])


def _dc_offset(reading: Reading, fields: Fields) -> float:
    return measures.offset(reading.point(fields["output"]), fields["target"])


# -- ac -----------------------------------------------------------------------------------------


def _gain_db(reading: Reading, fields: Fields) -> float:
    return measures.gain_db(reading.axis, reading.complex(fields["output"]), at_hz=fields["at_hz"])


def _rejection_db(reading: Reading, fields: Fields) -> float:
    response = reading.complex(fields["output"])
    if "at_hz" in fields:
        return measures.rejection_db(reading.axis, response, at_hz=fields["at_hz"])
    found = measures.rejection_db(reading.axis, response, band_hz=fields["band_hz"])
    if math.isnan(found):
        raise NoValue("no analysed frequency lies in band_hz")
    return found


def _magnitude(reading: Reading, fields: Fields) -> float:
    size = np.abs(reading.complex(fields["output"]))
    return measures.at_frequency(reading.axis, size, fields["at_hz"])


def _unity_gain_hz(reading: Reading, fields: Fields) -> float:
    return measures.unity_gain_hz(
        reading.axis, reading.complex(fields["output"]), undefined=fields["undefined"]
    )


def _phase_margin_deg(reading: Reading, fields: Fields) -> float:
    return measures.phase_margin_deg(
        reading.axis, reading.complex(fields["output"]), undefined=fields["undefined"]
    )


def _bandwidth_hz(reading: Reading, fields: Fields) -> float:
    return measures.bandwidth_hz(
        reading.axis,
        reading.complex(fields["output"]),
        ref_hz=fields["ref_hz"],
        undefined=fields["undefined"],
    )


def _peaking_db(reading: Reading, fields: Fields) -> float:
    return measures.peaking_db(
        reading.axis, reading.complex(fields["output"]), ref_hz=fields["ref_hz"]
    )


# -- noise --------------------------------------------------------------------------------------


def _noise_total(reading: Reading, fields: Fields) -> float:
    name = f"{'i' if fields['refer'] == 'input' else 'o'}noise_total"
    if name not in reading.totals:
        raise NoValue(f"there is no vector {name}", missing=True)
    return reading.totals[name]


def _noise_density(reading: Reading, fields: Fields) -> float:
    name = f"{'i' if fields['refer'] == 'input' else 'o'}noise_spectrum"
    density = np.asarray(np.real(reading.vector(name)), dtype=np.float64)
    return measures.noise_density(reading.axis, density, at_hz=fields["at_hz"])


# -- tran ---------------------------------------------------------------------------------------


def _step(reading: Reading, fields: Fields) -> Step:
    step = measures.read_step(
        reading.axis,
        reading.real(fields["output"]),
        step_at_s=fields["step_at_s"],
        final_at_s=fields["final_at_s"],
        edge=fields["edge"],
    )
    if not math.isfinite(step.size):
        raise NoValue("there is no time point before step_at_s or final_at_s")
    return step


def _slew_rate(reading: Reading, fields: Fields) -> float:
    step = _step(reading, fields)
    return measures.slew_rate(step, min_step=fields["min_step"], undefined=fields["undefined"])


def _settling_s(reading: Reading, fields: Fields) -> float:
    return measures.settling_s(
        _step(reading, fields),
        tolerance=fields["tolerance"],
        min_step=fields["min_step"],
        undefined=fields["undefined"],
    )


def _overshoot(reading: Reading, fields: Fields) -> float:
    step = _step(reading, fields)
    return measures.overshoot(step, min_step=fields["min_step"], undefined=fields["undefined"])


def _delay_s(reading: Reading, fields: Fields) -> float:
    return measures.delay_s(
        reading.axis,
        reading.real(fields["output"]),
        from_s=fields["from_s"],
        until_s=fields["until_s"],
        level=fields["level"],
        absolute=fields["absolute"],
        undefined=fields["undefined"],
    )


def _decision(reading: Reading, fields: Fields) -> float:
    value = measures.value_before(reading.axis, reading.real(fields["output"]), fields["at_s"])
    if math.isnan(value):
        raise NoValue("there is no time point before at_s")
    return float(value > fields["level"])


def _energy_j(reading: Reading, fields: Fields) -> float:
    return measures.energy_j(
        reading.axis,
        reading.real(f"i({fields['source']})"),
        supply_v=fields["supply_v"],
        window_s=fields["window_s"],
    )


def _undershoot(reading: Reading, fields: Fields) -> float:
    found = []
    for output in fields["output"]:
        signal = reading.real(output)
        if "target" in fields:
            reference = fields["target"]
        else:
            reference = measures.value_before(reading.axis, signal, fields["before_s"])
        found.append(
            measures.undershoot(
                reading.axis, signal, window_s=fields["window_s"], reference=reference
            )
        )
    # max() would pass over a NaN, which must not be lost.
    return float(np.max(found))


def _peak_to_peak(reading: Reading, fields: Fields) -> float:
    signal = reading.real(fields["output"])
    return measures.peak_to_peak(reading.axis, signal, window_s=fields["window_s"])


# -- the table ----------------------------------------------------------------------------------

_STEP: Final[dict[str, FieldType]] = {
    "output": "signal",
    "step_at_s": "value",
    "final_at_s": "value",
    "min_step": "value",
}

KINDS: Final[dict[str, Kind]] = {
    "supply_power": Kind("op", "W", {"source": "source", "supply_v": "value"}, _supply_power),
    "supply_current": Kind(
        "op",
        "A",
        {"source": "source"},
        _supply_current,
        optional={"subtract": "value"},
        defaults={"subtract": 0.0},
    ),
    "dc_offset": Kind("op", "V or A", {"output": "signal", "target": "value"}, _dc_offset),
    "gain_db": Kind("ac", "dB", {"output": "signal", "at_hz": "value"}, _gain_db),
    "rejection_db": Kind(
        "ac",
        "dB",
        {"output": "signal"},
        _rejection_db,
        optional={"at_hz": "value", "band_hz": "pair"},
        one_of=("at_hz", "band_hz"),
    ),
    "magnitude": Kind(
        "ac", "output per source unit", {"output": "signal", "at_hz": "value"}, _magnitude
    ),
    "unity_gain_hz": Kind(
        "ac",
        "Hz",
        {"output": "signal"},
        _unity_gain_hz,
        optional={"undefined": "value"},
        defaults={"undefined": 0.0},
    ),
    "phase_margin_deg": Kind(
        "ac",
        "degree",
        {"output": "signal"},
        _phase_margin_deg,
        optional={"undefined": "value"},
        defaults={"undefined": -180.0},
    ),
    "bandwidth_hz": Kind(
        "ac",
        "Hz",
        {"output": "signal", "ref_hz": "value"},
        _bandwidth_hz,
        optional={"undefined": "value"},
        defaults={"undefined": 0.0},
    ),
    "peaking_db": Kind("ac", "dB", {"output": "signal", "ref_hz": "value"}, _peaking_db),
    "noise_total": Kind("noise", "V or A rms", {"refer": "refer"}, _noise_total),
    "noise_density": Kind(
        "noise", "V or A per root Hz", {"refer": "refer", "at_hz": "value"}, _noise_density
    ),
    "slew_rate": Kind(
        "tran",
        "V/s",
        _STEP,
        _slew_rate,
        optional={"edge": "edge", "undefined": "value"},
        defaults={"edge": "rise", "undefined": 0.0},
    ),
    "settling_s": Kind(
        "tran",
        "s",
        {**_STEP, "tolerance": "value", "undefined": "value"},
        _settling_s,
        optional={"edge": "edge"},
        defaults={"edge": "rise"},
    ),
    "overshoot": Kind(
        "tran",
        "fraction of the step",
        {**_STEP, "undefined": "value"},
        _overshoot,
        optional={"edge": "edge"},
        defaults={"edge": "rise"},
    ),
    "delay_s": Kind(
        "tran",
        "s",
        {
            "output": "signal",
            "from_s": "value",
            "until_s": "value",
            "level": "value",
            "undefined": "value",
        },
        _delay_s,
        optional={"absolute": "flag"},
        defaults={"absolute": False},
    ),
    "decision": Kind(
        "tran",
        "1",
        {"output": "signal", "at_s": "value"},
        _decision,
        optional={"level": "value"},
        defaults={"level": 0.0},
    ),
    "energy_j": Kind(
        "tran", "J", {"source": "source", "supply_v": "value", "window_s": "pair"}, _energy_j
    ),
    "undershoot": Kind(
        "tran",
        "V or A",
        {"output": "signals", "window_s": "pair"},
        _undershoot,
        optional={"target": "value", "before_s": "value"},
        one_of=("target", "before_s"),
    ),
    "peak_to_peak": Kind("tran", "V or A", {"output": "signal", "window_s": "pair"}, _peak_to_peak),
}
"""Each kind of measure by its name."""
