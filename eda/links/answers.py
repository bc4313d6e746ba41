"""What the link predictor answers: ranked nets for a pin, suspicious wires, self-test scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.links.motif_index import Motif
    from eda.rules import Finding


@dataclass(frozen=True, slots=True)
class Candidate:
    """One net a pin may belong on.

    Attributes:
        net: Name of the net as written; None means it belongs on none of them (a new net).
        probability: How likely, from 0 to 1; the candidates of a pin sum to 1.
        findings: Electrical rules that this connection would break.
        like: The training wire that resembles this one most, where an explanation was asked for.
        by_model: The probability that each of the models gives by itself, likewise.
    """

    net: str | None
    probability: float
    findings: tuple[Finding, ...] = ()
    like: Motif | None = None
    by_model: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkPrediction:
    """The ranked nets for one pin.

    Attributes:
        device: Name of the device.
        pin: Role of the pin (``g``).
        candidates: Nets, best first.
        joint: The net chosen when all open pins of the circuit are resolved together; equal to
            the first candidate unless two open pins compete. None means a new net.
        joined: Other open pins (device, role) that share that new net with it.
        split: How the probability divides among kinds of net, where an explanation was asked
            for; see `eda.links.split.NET_GROUPS`. The shares sum to 1.
        agreeing: How many of the models have the first candidate first by themselves, likewise.
    """

    device: str
    pin: str
    candidates: tuple[Candidate, ...]
    joint: str | None = None
    joined: tuple[tuple[str, str], ...] = ()
    split: Mapping[str, float] | None = None
    agreeing: int = 0


@dataclass(frozen=True, slots=True)
class SuspectWire:
    """A wire that looks wrong; the list goes by how much likelier another net is.

    Attributes:
        device: Name of the device.
        pin: Role of the pin.
        net: The net it is on.
        probability: How likely the predictor finds that net, had the pin been open.
        better: Nets it would rather have put it on, best first.
        alike: Wires of the circuit that are this same question, itself among them; this one
            stands for all (a large circuit repeats itself).
    """

    device: str
    pin: str
    net: str
    probability: float
    better: tuple[Candidate, ...] = ()
    alike: int = 1


@dataclass(frozen=True, slots=True)
class SelftestResult:
    """How well the predictor finds back pins that were hidden one at a time.

    Attributes:
        queries: Number of pins hidden.
        hits_at_1: Share of them whose true net came first.
        hits_at_3: Share of them whose true net was among the first three.
        mrr: Mean of 1 / rank of the true net.
    """

    queries: int
    hits_at_1: float
    hits_at_3: float
    mrr: float
