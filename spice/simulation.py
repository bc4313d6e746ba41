"""What a simulation gives: its status, waveforms, operating point, measures and log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.spice.analyses import Analysis

Array = NDArray[np.float64] | NDArray[np.complex128]
"""Values of a vector."""


class Status(StrEnum):
    """How a simulation ended.

    * ``ok``: every analysis gave its values.
    * ``no_convergence``: the equations were not solved: no operating point, a singular matrix,
      a time step too small, values that are not finite.
    * ``missing_model``: a model, a subcircuit, or a file they should come from is not there.
    * ``missing_vector``: a measure, a ``.save`` or an analysis names what is not in the circuit.
    * ``timeout``, ``out_of_memory``: a limit was reached.
    * ``crashed``: the worker process died.
    * ``refused``: the deck is not run: it has errors, or a command that could do harm.
    """

    OK = "ok"
    NO_CONVERGENCE = "no_convergence"
    MISSING_MODEL = "missing_model"
    MISSING_VECTOR = "missing_vector"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """A quantity over an axis.

    Attributes:
        name: As ``v(out)``, ``i(v1)``, ``@m1[gm]``.
        unit: ``V``, ``A``, ... where ngspice says so; else empty.
        values: float64, or complex128 over frequency.
        axis_name: ``time_s``, ``frequency_hz``, or the name of the sweep; empty for one point.
        axis: float64, as long as ``values``.
    """

    name: str
    unit: str
    values: Array
    axis_name: str
    axis: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Waveforms(Mapping[str, Waveform]):
    """Every waveform of one analysis, by name.

    Names are ngspice's where they hold brackets, with the paths of our circuits: the voltage
    of net ``x1.n`` is ``v(x1.n)``, the current of ``x1.v1`` is ``i(x1.v1)``. Whatever case a
    name is asked for in, it is found; ``out`` finds ``v(out)`` too.

    Attributes:
        analysis: What was asked for; None for the plot of a trusted script.
        axis_name: ``time_s``, ``frequency_hz``, or ``sweep``; empty for an operating point.
        axis: The axis, float64.
        arrays: Values by name; float64 or complex128, read-only.
        units: ``V``, ``A``, ... by name, where known.
    """

    analysis: Analysis | None
    axis_name: str
    axis: NDArray[np.float64]
    arrays: Mapping[str, Array]
    units: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Waveform:
        """Return the waveform of this name.

        Raises:
            KeyError: There is none; the message names similar ones.
        """
        found = self.find(name)
        if found is None:
            from difflib import get_close_matches

            close = get_close_matches(name.lower(), self.arrays, n=3)
            hint = f"; did you mean {', '.join(close)}?" if close else ""
            raise KeyError(f"no waveform {name!r} in the analysis{hint}")
        return Waveform(
            found, self.units.get(found, ""), self.arrays[found], self.axis_name, self.axis
        )

    def __contains__(self, name: object) -> bool:
        """Return whether there is a waveform of this name."""
        return isinstance(name, str) and self.find(name) is not None

    def __eq__(self, other: object) -> bool:
        """Return whether everything is the same, value by value."""
        if not isinstance(other, Waveforms):
            return NotImplemented
        return (
            (self.analysis, self.axis_name) == (other.analysis, other.axis_name)
            and list(self.arrays) == list(other.arrays)
            and dict(self.units) == dict(other.units)
            and np.array_equal(self.axis, other.axis)
            and all(
                np.array_equal(values, other.arrays[name], equal_nan=True)
                for name, values in self.arrays.items()
            )
        )

    __hash__ = None  # type: ignore[assignment]  # arrays have none

    def __iter__(self) -> Iterator[str]:
        """Go over the names."""
        return iter(self.arrays)

    def __len__(self) -> int:
        """Return the number of waveforms."""
        return len(self.arrays)

    def find(self, name: str) -> str | None:
        """Return a name as it is written here, or None."""
        name = name.lower()
        wanted = name.replace(" ", "")
        # Few names have blanks, as v(m1#body diode).
        return next((i for i in (name, wanted, f"v({wanted})") if i in self.arrays), None)


@dataclass(frozen=True)
class SimulationResult:
    """A simulation that has ended, one way or another.

    Attributes:
        status: How; everything else may be empty where it is not ``ok``.
        waveforms: Of each analysis that gave values, in the order they were run.
        operating_point: Voltages (V) and currents (A) of the last operating point, by name.
        measures: Values of ``.measure`` cards by lower-case name; NaN for one that found nothing.
        log: What ngspice said, and what we have to say about it.
        seconds: Time it took; 0 where it came from the cache.
        cached: Whether it came from the cache.

    Example:
        >>> SimulationResult(Status.OK).ok
        True
    """

    status: Status
    waveforms: tuple[Waveforms, ...] = ()
    operating_point: Mapping[str, float] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0
    cached: bool = False

    @property
    def ok(self) -> bool:
        """Whether every analysis gave its values."""
        return self.status is Status.OK

    @property
    def analyses(self) -> tuple[Analysis | None, ...]:
        """The analyses that gave values, in the order they were run."""
        return tuple(item.analysis for item in self.waveforms)

    def of(self, kind: str | Analysis) -> Waveforms:
        """Return the waveforms of an analysis, or of the first of a kind (``ac``, ``tran``).

        Raises:
            KeyError: There are none.
        """
        for item in self.waveforms:
            if item.analysis == kind or (item.analysis is not None and item.analysis.kind == kind):
                return item
        why = "" if self.ok else f"; the simulation ended as {self.status.value}"
        raise KeyError(f"no waveforms of {kind}{why}")


AXIS_NAMES: Final = {"time": "time_s", "frequency": "frequency_hz"}
"""Our name of an axis by ngspice's; any other is ``sweep``."""
