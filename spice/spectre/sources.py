"""Sources, controlled sources, relays and couplings of Spectre.

The waveform of a source is spread over parameters (``type=pulse val0=0 val1=1 ...``); here it
is one entry, in the order of SPICE (``{"pulse": (0.0, 1.0, ...)}``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from eda.circuit import KINDS, Device, ModelCard, Value
from eda.spice.builder import TooFewError

if TYPE_CHECKING:
    from eda.spice.spectre.instances import Reader

_TWO: Final = KINDS["vsource"].roles

WAVES: Final[Mapping[str, tuple[str, ...]]] = {
    "pulse": ("val0", "val1", "delay", "rise", "fall", "width", "period"),
    "sin": ("sinedc", "ampl", "freq", "delay", "damp", "sinephase"),
    "exp": ("val0", "val1", "td1", "tau1", "td2", "tau2"),
    "sffm": ("sinedc", "ampl", "freq", "fmmodindex", "fmmodfreq"),
}
"""Spectre's parameters of a waveform, in the order of SPICE."""

_TYPES: Final = {"pulse": "pulse", "sine": "sin", "exp": "exp", "pwl": "pwl"}


def independent(kind: str) -> Callable[[Reader], Device]:
    """Return the reader of ``vsource`` and ``isource``."""

    def read(reader: Reader) -> Device:
        return reader.make(kind, _TWO, "", _stimulus(reader))

    return read


def port(reader: Reader) -> Device:
    """``PORT0 (a 0) port r=50 num=1``: a source with a number and an impedance."""
    impedance, number = reader.take("r"), reader.take("num")
    made = _stimulus(reader)
    made["portnum"] = 1.0 if number is None else number
    made["z0"] = 50.0 if impedance is None else impedance
    return reader.make("vsource", _TWO, "", made)


def probe(reader: Reader) -> Device:
    """``iprobe``: a source of zero volts, whose current is looked at."""
    return reader.make("vsource", _TWO, "", {"dc": 0.0, **reader.rest()})


def _stimulus(reader: Reader) -> dict[str, Value]:
    kind = reader.word("type").lower()
    made: dict[str, Value] = {}
    dc = reader.take("dc")
    if dc is not None:
        made["dc"] = dc
    mag = reader.take("mag")
    phase = reader.take("phase")
    if mag is not None:
        made["ac"] = mag
        if phase is not None:
            made["ac_phase"] = phase
    name = _TYPES.get(kind)
    if name == "sin" and "fmmodindex" in reader.pairs:
        name = "sffm"
    if name == "pwl":
        wave = reader.take("wave")
        if wave is not None:
            made["pwl"] = wave if isinstance(wave, tuple) else (wave,)
            delay = reader.take("delay")
            if delay is not None:
                made["td"] = delay
    elif name is not None:
        made[name] = _points(reader, WAVES[name], dc)
    elif kind and kind != "dc":
        made["type"] = kind
    return {**made, **reader.rest()}


def _points(reader: Reader, names: tuple[str, ...], dc: Value | None) -> tuple[Value, ...]:
    """Return the points of a waveform up to the last that is given."""
    found = [reader.take(name) for name in names]
    if names[0] == "sinedc" and found[0] is None:
        found[0] = dc
    while len(found) > 2 and found[-1] is None:
        found.pop()
    return tuple(0.0 if value is None else value for value in found)


def _controls(reader: Reader, *words: str) -> tuple[str, ...]:
    """Return the sources that control a device."""
    for word in words:
        if word in reader.pairs:
            raw = reader.word(word).strip("[] ")
            return tuple(reader.reference(name) for name in raw.split())
    raise TooFewError(f"{reader.name} names no controlling source", f"write {words[0]}=SOURCE")


def current_controlled(kind: str) -> Callable[[Reader], Device]:
    """Return the reader of ``ccvs`` (``rm``) and ``cccs`` (``gain``)."""

    def read(reader: Reader) -> Device:
        references = _controls(reader, "probe")
        made = reader.rest({"rm": "gain"} if kind == "ccvs" else {"gain": "gain"})
        return reader.make(kind, _TWO, "", made, references)

    return read


def _poly(reader: Reader, dimension: int) -> dict[str, Value]:
    raw = reader.take("coeffs")
    coefficients = raw if isinstance(raw, tuple) else () if raw is None else (raw,)
    return {"poly": float(dimension), "coefficients": coefficients, **reader.rest()}


def polynomial(kind: str) -> Callable[[Reader], Device]:
    """Return the reader of ``pvcvs`` and ``pvccs``: pairs of controlling nodes behind the first."""

    def read(reader: Reader) -> Device:
        count = len(reader.nodes)
        if count < 4 or count % 2:
            raise TooFewError(
                f"too few nodes on {reader.name}", "NAME (P N CP CN ...) pvcvs coeffs=[...]"
            )
        dimension = count // 2 - 1
        if dimension == 1:
            roles = (*_TWO, "cp", "cn")
        else:
            roles = (*_TWO, *(f"c{s}{i + 1}" for i in range(dimension) for s in "pn"))
        return reader.make(kind, roles, "", _poly(reader, dimension))

    return read


def current_polynomial(kind: str) -> Callable[[Reader], Device]:
    """Return the reader of ``pccvs`` and ``pcccs``, controlled by ``probes=[V1 V2]``."""

    def read(reader: Reader) -> Device:
        references = _controls(reader, "probes", "probe")
        return reader.make(kind, _TWO, "", _poly(reader, len(references)), references)

    return read


def behavioral(reader: Reader) -> Device:
    """``B1 (p n) bsource v=expression``."""
    return reader.make("behavioral", _TWO, "", reader.rest({key: key for key in "virqgc"}))


def mutual(reader: Reader) -> Device:
    """``K1 mutual_inductor coupling=0.9 ind1=L1 ind2=L2``."""
    names = [reader.word(f"ind{i}") for i in (1, 2)]
    if not all(names):
        raise TooFewError(
            f"{reader.name} names no two inductors", "K1 mutual_inductor coupling=K ind1=L ind2=L"
        )
    references = tuple(map(reader.reference, names))
    return reader.make("mutual", (), "", reader.rest({"coupling": "k"}), references)


def relay(reader: Reader) -> Device:
    """``S1 (p n cp cn) relay ropen= rclosed= vt1= vt2=``: a switch with a model of its own."""
    made = {
        "vt": reader.take("vt1") or 0.0,
        "vh": 0.0,
        "ron": reader.take("rclosed") or 1.0,
        "roff": reader.take("ropen") or 1e12,
    }
    low, high = made["vt"], reader.take("vt2")
    if isinstance(low, float) and isinstance(high, float):
        made["vt"], made["vh"] = (low + high) / 2, abs(high - low) / 2
    draft = reader.build.draft
    name = f"{reader.name}_sw"
    while name.lower() in draft.models:
        name += "_"
    draft.models[name.lower()] = ModelCard(name, "sw", made)
    return reader.make("switch", KINDS["switch"].roles, name, reader.rest())
