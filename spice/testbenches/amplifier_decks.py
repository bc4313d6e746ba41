"""Decks that an op-amp is measured in: open loop, swept, stepped; single ended or differential.

The loop is closed for direct current only, through an inductor of 1 TH, and every signal comes in
through a capacitor of 100 F, so that the operating point is that of a follower and the response
that of the open loop. A differential amplifier gets half of its output difference back at each
input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Circuit, Device
from eda.spice.simulation import Waveforms
from eda.spice.testbenches import parts
from eda.spice.testbenches.setup import EXACT, Setup, voltage

SERVO_H: Final = 1e12
SERVO_F: Final = 100.0

STEP_CARD: Final = ".option reltol=1e-4 abstol=1e-13 vntol=1e-7"


@dataclass(frozen=True)
class Amplifier:
    """An op-amp with its inputs told apart.

    Attributes:
        setup: Its surroundings.
        plus: The input that the output follows.
        minus: The other one.
    """

    setup: Setup
    plus: str
    minus: str

    @property
    def out(self) -> str:
        """The output, or the first of two."""
        return self.setup.roles.one("out")

    @property
    def out_minus(self) -> str:
        """The second output; empty for a single-ended amplifier."""
        return self.setup.roles.one("outn")

    @property
    def differential(self) -> bool:
        """Whether there are two outputs."""
        return bool(self.out_minus)

    def swapped(self) -> Amplifier:
        """Return it with the inputs the other way round."""
        return Amplifier(self.setup, self.minus, self.plus)

    def output(self, item: Waveforms) -> NDArray[Any]:
        """Return the output signal, in V: the difference of two outputs."""
        values = np.asarray(item.arrays[voltage(self.out)])
        return values - item.arrays[voltage(self.out_minus)] if self.differential else values

    def middle(self, item: Waveforms) -> NDArray[Any]:
        """Return the mean of two outputs, in V; of one, itself."""
        values = np.asarray(item.arrays[voltage(self.out)])
        return (values + item.arrays[voltage(self.out_minus)]) / 2 if self.differential else values

    def middle_v(self, point: Mapping[str, float]) -> float:
        """Return the mean of two outputs at an operating point, in V; of one, itself."""
        value = point[voltage(self.out)]
        return (value + point[voltage(self.out_minus)]) / 2 if self.differential else value

    @property
    def rest_v(self) -> float:
        """The output signal at rest."""
        return 0.0 if self.differential else self.setup.common_v

    def loads(self) -> list[Device]:
        """Return the loads, and the reference of the output's common mode."""
        setup = self.setup
        made = []
        for at, net in enumerate(item for item in (self.out, self.out_minus) if item):
            if setup.conditions.load_f > 0:
                made.append(parts.capacitor(f"load{at}", net, "0", setup.conditions.load_f))
        if setup.roles.one("vcm"):
            made.append(parts.vsource("ocm", setup.roles.one("vcm"), setup.mid_v))
        return made

    def open_loop(
        self,
        title: str,
        *,
        signal_ac: float = 0.0,
        common_ac: float = 0.0,
        supply_ac: float = 0.0,
        ground_ac: float = 0.0,
    ) -> Circuit:
        """Return the deck whose loop is closed for direct current only."""
        made = [
            parts.vsource("cm", "tb_cm", self.setup.common_v, ac=common_ac),
            parts.vsource("d", "tb_d", 0.0, ac=signal_ac),
            parts.vcvs("ap", "tb_ap", ("tb_d", "0"), 0.5, minus="tb_cm"),
            parts.vcvs("an", "tb_an", ("tb_d", "0"), -0.5, minus="tb_cm"),
            parts.vsource("rest", "tb_rest", self.setup.common_v),
            *self.loads(),
        ]
        if self.differential:
            for port, drive, ends in (
                (self.plus, "tb_ap", (self.out_minus, self.out)),
                (self.minus, "tb_an", (self.out, self.out_minus)),
            ):
                back = f"{drive}f"
                made += [
                    parts.vcvs(back, back, ends, 0.5, minus="tb_rest"),
                    parts.inductor(back, back, port, SERVO_H),
                    parts.capacitor(back, port, drive, SERVO_F),
                ]
        else:
            made += [
                parts.vsource("ip", self.plus, 0.0, minus="tb_ap"),
                parts.inductor("fb", self.out, self.minus, SERVO_H),
                parts.capacitor("fb", self.minus, "tb_an", SERVO_F),
            ]
        return self.setup.deck(title, *made, supply_ac=supply_ac, ground_ac=ground_ac)

    def transfer(self) -> Circuit:
        """Return the deck without feedback, to sweep the differential input ``Vd``."""
        made = [
            parts.vsource("cm", "tb_cm", self.setup.common_v),
            parts.vsource("d", "tb_d", 0.0),
            parts.vcvs("ap", self.plus, ("tb_d", "0"), 0.5, minus="tb_cm"),
            parts.vcvs("an", self.minus, ("tb_d", "0"), -0.5, minus="tb_cm"),
            *self.loads(),
        ]
        return self.setup.deck("DC transfer", *made, cards=(EXACT,))

    def common_mode(self) -> Circuit:
        """Return the deck to sweep the common mode ``Vx``, the output held where it rests."""
        made = [parts.vsource("x", "tb_x", self.setup.common_v), *self.loads()]
        if self.differential:
            made += self._halves("tb_x", (self.out, self.out_minus))
        else:
            made += [
                parts.vsource("rest", "tb_rest", self.setup.mid_v),
                parts.vsource("ip", self.plus, 0.0, minus="tb_x"),
                parts.vcvs("fb", self.minus, (self.out, "tb_rest"), 1.0, minus="tb_x"),
            ]
        return self.setup.deck("common-mode range", *made, cards=(EXACT,))

    def follower(self, wave: Mapping[str, tuple[float, ...]], rest_v: float) -> Circuit:
        """Return the deck of a unity-gain follower whose source ``Vs`` has a waveform."""
        made = [parts.vsource("s", "tb_s", rest_v, wave=wave), *self.loads()]
        if self.differential:
            made.append(parts.vsource("cm", "tb_cm", self.setup.common_v))
            made.append(parts.vcvs("e", "tb_e", (self.out, self.out_minus), 1.0))
            made += self._halves("tb_cm", ("tb_e", "tb_s"))
        else:
            made += [
                parts.vsource("ip", self.plus, 0.0, minus="tb_s"),
                parts.vsource("fb", self.minus, 0.0, minus=self.out),
            ]
        return self.setup.deck("follower", *made, cards=(STEP_CARD,))

    def _halves(self, middle: str, ends: tuple[str, str]) -> list[Device]:
        return [
            parts.vcvs("hp", self.plus, (ends[1], ends[0]), 0.5, minus=middle),
            parts.vcvs("hn", self.minus, ends, 0.5, minus=middle),
        ]
