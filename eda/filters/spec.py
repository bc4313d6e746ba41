"""The specification of a filter: bands, ports and limits, as read from ``filter-spec/1``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from eda.filters.microstrip.limits import MicrostripLimits

SCHEMA: Final = "filter-spec/1"
RESPONSES: Final = ("lowpass", "highpass", "bandpass", "bandstop")
TECHNOLOGIES: Final = ("lumped_lc", "active_rc", "microstrip")

Response = Literal["lowpass", "highpass", "bandpass", "bandstop"]


@dataclass(frozen=True, slots=True)
class PassBand:
    """A band that must get through.

    Attributes:
        f_lo_hz: Lower edge, included.
        f_hi_hz: Upper edge, included.
        il_max_db: Most loss, relative to the nominal gain.
        rl_min_db: Least return loss at port 1; 0 is not checked.
        ripple_max_db: Most difference between the largest and the least gain; None: not checked.
    """

    f_lo_hz: float
    f_hi_hz: float
    il_max_db: float
    rl_min_db: float = 0.0
    ripple_max_db: float | None = None


@dataclass(frozen=True, slots=True)
class StopBand:
    """A band that must not get through: at least ``atten_min_db`` below the nominal gain."""

    f_lo_hz: float
    f_hi_hz: float
    atten_min_db: float


@dataclass(frozen=True, slots=True)
class PartRule:
    """Which values a kind of part may have.

    Attributes:
        series: Name of the preferred series, as ``E24``.
        tolerance: Relative, as 0.05; values are spread evenly within it.
        low: Smallest value, in SI units.
        high: Largest value.
    """

    series: str
    tolerance: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LumpedLimits:
    """Limits of a filter of inductors and capacitors.

    Attributes:
        max_parts: Most inductors and capacitors together.
        inductor: Values in henry.
        capacitor: Values in farad.
        q_at_ref: Quality of an inductor at ``f_ref_hz``; it grows with the root of the frequency
            up to one and a half times that.
        f_ref_hz: Where ``q_at_ref`` holds.
        capacitor_q: Quality of a capacitor at every frequency.
    """

    max_parts: int
    inductor: PartRule
    capacitor: PartRule
    q_at_ref: float
    f_ref_hz: float
    capacitor_q: float


@dataclass(frozen=True, slots=True)
class OpAmp:
    """An op-amp of one pole.

    Attributes:
        gbw_hz: Gain times bandwidth.
        a0_db: Gain at DC.
        rout_ohm: Resistance in series with its output.
    """

    gbw_hz: float
    a0_db: float
    rout_ohm: float

    @property
    def a0(self) -> float:
        """Gain at DC as a ratio."""
        return float(10 ** (self.a0_db / 20))

    @property
    def pole_hz(self) -> float:
        """Where the gain begins to fall."""
        return self.gbw_hz / self.a0


@dataclass(frozen=True, slots=True)
class ActiveLimits:
    """Limits of a filter of op-amps, resistors and capacitors.

    Attributes:
        max_opamps: Most op-amps.
        opamp: The op-amp to be used.
        resistor: Values in ohm.
        capacitor: Values in farad.
    """

    max_opamps: int
    opamp: OpAmp
    resistor: PartRule
    capacitor: PartRule


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """What a filter has to do, and with what.

    Attributes:
        response: ``lowpass highpass bandpass bandstop``.
        technology: ``lumped_lc`` or ``active_rc``; ``microstrip`` can be read and not designed.
        zs_ohm: Resistance of the source at port 1.
        zl_ohm: Resistance of the load at port 2.
        passbands: In ascending order.
        stopbands: In ascending order.
        limits: By technology.
        gain_nominal_db: Gain of an active filter that loss and attenuation are relative to.
        id: Name of the specification.
        title: A line for people.
        application: A line for people.
        tier: ``standard`` or ``hard``; says nothing about what is to be built.
        mc_trials: Trials of the Monte-Carlo yield that is reported.
    """

    response: Response
    technology: str
    zs_ohm: float
    zl_ohm: float
    passbands: tuple[PassBand, ...]
    stopbands: tuple[StopBand, ...]
    limits: LumpedLimits | ActiveLimits | MicrostripLimits
    gain_nominal_db: float = 0.0
    id: str = "filter"
    title: str = ""
    application: str = ""
    tier: str = "standard"
    mc_trials: int = 200

    @property
    def bands(self) -> tuple[PassBand | StopBand, ...]:
        """All bands, the pass bands first."""
        return (*self.passbands, *self.stopbands)

    @property
    def lumped(self) -> LumpedLimits:
        """The limits of a filter of inductors and capacitors."""
        if not isinstance(self.limits, LumpedLimits):
            raise TypeError(f"{self.id} is {self.technology}, not lumped_lc")
        return self.limits

    @property
    def active(self) -> ActiveLimits:
        """The limits of an active filter."""
        if not isinstance(self.limits, ActiveLimits):
            raise TypeError(f"{self.id} is {self.technology}, not active_rc")
        return self.limits

    @property
    def printed(self) -> MicrostripLimits:
        """The limits of a microstrip filter."""
        if not isinstance(self.limits, MicrostripLimits):
            raise TypeError(f"{self.id} is {self.technology}, not microstrip")
        return self.limits

    @property
    def edges_hz(self) -> tuple[float, float]:
        """Lowest and highest frequency of all bands."""
        return min(b.f_lo_hz for b in self.bands), max(b.f_hi_hz for b in self.bands)

    @property
    def centre_hz(self) -> float:
        """The frequency that designs are scaled to.

        The edge of a low-pass or high-pass; the geometric middle of a pass band, or of what a
        band-stop stops.
        """
        if self.response == "lowpass":
            return self.passbands[-1].f_hi_hz
        if self.response == "highpass":
            return self.passbands[0].f_lo_hz
        inner: tuple[PassBand | StopBand, ...] = self.passbands
        if self.response == "bandstop":
            inner = self.stopbands
        return float((inner[0].f_lo_hz * inner[-1].f_hi_hz) ** 0.5)
