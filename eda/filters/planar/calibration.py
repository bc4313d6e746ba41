"""Lines of known length, by which the generators of a field solution are taken out of it.

A generator lies in a cut across its feed line, with an open stub behind it. Seen from the
generator, that is an impedance Zs in series, and the capacitance of the cut beside the generator.
Two lines of one width and different lengths, with a generator at both ends, tell both, and the
impedance Z and the propagation constant of the line too (the double delay of J. C. Rautio, "A
de-embedding algorithm for electromagnetics", Int. J. Microwave Millimeter-Wave CAE 1 (1991), here
solved in closed form by the eigenvectors that TRL uses).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eda.filters.planar.green import Complex


@dataclass(frozen=True, slots=True)
class FeedLine:
    """What two lines tell at one frequency.

    Attributes:
        impedance_ohm: Of the line.
        gamma_per_m: Its propagation constant.
        series_ohm: What lies in series with a generator: its stub.
        shunt_s: What lies beside it: the capacitance of its cut.
    """

    impedance_ohm: complex
    gamma_per_m: complex
    series_ohm: complex
    shunt_s: complex

    def chain(self, length_m: float) -> Complex:
        """Return the chain matrix from a generator to so far along its line."""
        angle = self.gamma_per_m * length_m
        z = self.impedance_ohm
        line = np.array(
            [[np.cosh(angle), z * np.sinh(angle)], [np.sinh(angle) / z, np.cosh(angle)]]
        )
        generator = np.array(
            [[1, self.series_ohm], [self.shunt_s, 1 + self.series_ohm * self.shunt_s]]
        )
        return np.asarray(generator @ line)


def feed_line(short: Complex, long: Complex, short_m: float, long_m: float) -> FeedLine:
    """Return what the admittance matrices of two lines tell.

    Args:
        short: Admittances ``(2, 2)`` of the shorter line.
        long: Of the longer one; at most half a wavelength longer.
        short_m: From generator to generator.
        long_m: From generator to generator.
    """
    first = chain_of(short)
    values, vectors = np.linalg.eig(chain_of(long) @ np.linalg.inv(first))
    onward = int(np.argmax(values.imag))
    gamma = np.log(values[onward]) / (long_m - short_m)
    plus, minus = vectors[:, onward], vectors[:, 1 - onward]
    # first @ (-1, 1) minus is exp(gamma l) plus, with the factors of both vectors.
    turned = first @ (np.array([-1, 1]) * minus)
    share = plus[0] / minus[0] * turned[1] / plus[1] * np.exp(-gamma * short_m)
    stub = (share + 1) / (share - 1)
    above, below = plus[1] / plus[0], minus[1] / minus[0]
    z = 2 / ((1 - stub**2) * (above - below))
    series = stub * z
    return FeedLine(complex(z), complex(gamma), complex(series), complex(above - 1 / (z + series)))


def chain_of(admittances: Complex) -> Complex:
    """Return the chain matrix of a two-port."""
    (y11, y12), (y21, y22) = admittances
    return np.asarray(np.array([[-y22, -1], [y12 * y21 - y11 * y22, -y11]]) / y21)
