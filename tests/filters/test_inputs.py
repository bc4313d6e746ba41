"""Terse specifications, decks to be retuned, libraries of measured parts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eda.errors import InputError, SpecError
from eda.filters.deck import write_deck
from eda.filters.design import design_circuit
from eda.filters.library import LibraryPart, fit_part, read_library
from eda.filters.spec_reader import spec_of
from eda.filters.start_deck import read_start
from eda.filters.terse import frequency_hz, terse_spec
from eda.filters.words import ladder


@pytest.mark.parametrize(
    ("text", "hertz"),
    [("2.4GHz", 2.4e9), ("455 kHz", 455e3), ("10M", 10e6), ("100", 100.0), ("0.5mHz", 5e-4)],
)
def test_frequencies(text: str, hertz: float) -> None:
    assert frequency_hz(text, option="--x") == pytest.approx(hertz)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"stop": "2GHz:30dB"}, "give one of --lowpass, --highpass, --bandpass, --bandstop"),
        ({"lowpass": "1MHz", "stop": "2MHz"}, "--stop: '2MHz' has no level; write 2.2GHz:30dB"),
        ({"lowpass": "fast", "stop": "2MHz:30dB"}, "--lowpass: 'fast' is no frequency"),
        ({"bandpass": "1GHz", "stop": "2GHz:30dB"}, "--bandpass: '1GHz' is no band"),
        ({"lowpass": "5MHz", "stop": "2MHz:30dB"}, "command line: stopbands[0]"),
        ({"lowpass": "1MHz", "stop": "2MHz:30dB", "family": "saw"}, "--family: 'saw'"),
        ({"lowpass": "1MHz", "stop": "2MHz:30dB", "rl_db": -3.0}, "command line: passbands[0].rl"),
    ],
)
def test_bad_words(words: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        terse_spec(**words)
    assert str(caught.value).startswith(message)


def test_words_make_bands() -> None:
    spec = terse_spec(bandpass="2.4-2.5GHz", stop="2.2GHz:30dB,2.7GHz:30dB", rl_db=15)
    assert [(b.f_lo_hz, b.f_hi_hz) for b in spec.bands] == [
        (2.4e9, 2.5e9),
        (2.2e8, 2.2e9),
        (2.7e9, 2.7e10),
    ]
    notch = terse_spec(bandstop="42-59Hz", stop="50Hz:24dB", family="active")
    assert notch.stopbands[0].f_lo_hz < 50 < notch.stopbands[0].f_hi_hz


def test_a_delivered_deck_is_read_back(tmp_path: Path, lumped: dict[str, Any]) -> None:
    spec = spec_of(lumped)
    numbers = [330e-12, 820e-9, 39e-12, 470e-12]
    deck = tmp_path / "a.cir"
    deck.write_text(write_deck(spec, ladder("cPc"), numbers))
    start = read_start(deck, spec)
    assert start.values == pytest.approx(tuple(numbers))
    assert [(p.kind, p.a, p.b) for p in start.topology.parts] == [
        (p.kind, p.a, p.b) for p in ladder("cPc").parts
    ]


def test_an_active_deck_is_read_back(tmp_path: Path, active: dict[str, Any]) -> None:
    from eda.filters.sections import Target, cascade, sized

    spec, topology = spec_of(active), cascade(("sk_lp2",))
    values = sized("sk_lp2", Target(5e3), spec.active)
    assert values is not None
    deck = tmp_path / "a.cir"
    deck.write_text(write_deck(spec, topology, values))
    start = read_start(deck, spec)
    assert len(start.topology.opamps) == 1
    assert start.values == pytest.approx(tuple(values), rel=1e-6)


def test_retuning_keeps_the_circuit(tmp_path: Path, lumped: dict[str, Any]) -> None:
    spec = spec_of(lumped)
    deck = tmp_path / "a.cir"
    # A filter for another band, 1.4 times higher.
    deck.write_text(
        write_deck(
            spec, ladder("cPcPc"), [180e-12, 470e-9, 39e-12, 330e-12, 510e-9, 12e-12, 200e-12]
        )
    )
    result = design_circuit(spec, start=deck)
    assert result.solved
    assert result.topology.name == "start"
    assert [part.name for part in result.topology.parts][:2] == ["C1", "L1"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "R1 n_in n_out 50\n",
            "R1 is a resistor; a lumped_lc filter to be retuned has inductors, cap",
        ),
        ("L1 n_in a 1u\nC1 b n_out 1p\n", "nothing connects its two ports"),
        ("", "has 0 parts; 1 to 60 can be retuned"),
        ("D1 n_in n_out dx\n.model dx d\n", "D1 is a diode"),
    ],
)
def test_decks_that_cannot_be_retuned(
    body: str, message: str, tmp_path: Path, lumped: dict[str, Any]
) -> None:
    deck = tmp_path / "a.cir"
    ports = "V1 n_in 0 ac 1 portnum 1 z0 50\nV2 n_out 0 ac 0 portnum 2 z0 50\n"
    deck.write_text(f"* x\n{ports}{body}.end\n")
    with pytest.raises(InputError, match=message):
        read_start(deck, spec_of(lumped))


def test_a_deck_without_ports_is_refused(tmp_path: Path, lumped: dict[str, Any]) -> None:
    deck = tmp_path / "a.cir"
    deck.write_text("* x\nL1 a b 1u\n.end\n")
    with pytest.raises(InputError, match="needs two sources with portnum 1 and portnum 2"):
        read_start(deck, spec_of(lumped))


def _measured(part: LibraryPart, folder: Path, *, shunt: bool = False) -> None:
    """Write a part as a vendor would: measured in series, or from the line to ground."""
    frequency = np.geomspace(1e6, 1e9, 60)
    y = part.admittance(frequency)
    z = 1 / y
    if shunt:
        s11, s21 = -25 * y / (1 + 25 * y), 1 / (1 + 25 * y)
    else:
        s11, s21 = z / (z + 100), 100 / (z + 100)
    lines = ["# Hz S RI R 50"]
    for f, a, b in zip(frequency, s11, s21, strict=True):
        row = [v for s in (a, b, b, a) for v in (s.real, s.imag)]
        lines.append(f"{f:.9g} " + " ".join(f"{v:.12g}" for v in row))
    (folder / f"{part.name}.s2p").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("shunt", [False, True])
@pytest.mark.parametrize(
    "part",
    [
        LibraryPart("coil", "inductor", 220e-9, 0.8, 0.3e-12, 0.0),
        LibraryPart("cap", "capacitor", 47e-12, 0.15, 0.6e-9, 0.0),
    ],
    ids=lambda part: part.name,
)
def test_a_measured_part_is_recognised(part: LibraryPart, shunt: bool, tmp_path: Path) -> None:
    _measured(part, tmp_path, shunt=shunt)
    (found,) = read_library(tmp_path)
    assert found.kind == part.kind
    assert found.value == pytest.approx(part.value, rel=1e-3)
    assert found.resistance_ohm == pytest.approx(part.resistance_ohm, rel=0.02)
    assert found.parasitic == pytest.approx(part.parasitic, rel=0.02)
    assert found.error < 1e-3


def test_a_filter_is_made_of_the_library_alone(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for at, value in enumerate([150e-9, 220e-9, 330e-9, 470e-9, 680e-9, 820e-9]):
        _measured(LibraryPart(f"l{at}", "inductor", value, 0.5, 0.15e-12, 0.0), folder)
    for at, value in enumerate([33e-12, 47e-12, 100e-12, 180e-12, 270e-12, 330e-12, 470e-12]):
        _measured(LibraryPart(f"c{at}", "capacitor", value, 0.1, 0.4e-9, 0.0), folder)
    spec = terse_spec(lowpass="12MHz", stop="40MHz-80MHz:25dB", rl_db=10, il_db=1.5, parts=5)
    result = design_circuit(spec, library=folder)
    assert result.solved
    assert set(result.measured) == {part.name for part in result.topology.parts}
    assert ".subckt part_" in result.deck
    assert "RQ_" not in result.deck


def test_bad_libraries(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.s2p files; name a folder of measured parts"):
        read_library(tmp_path)
    (tmp_path / "x.s2p").write_text("not touchstone\n1 2 3\n")
    with pytest.raises(InputError, match=r"x\.s2p: "):
        read_library(tmp_path)
    with pytest.raises(InputError, match="neither an inductor nor a capacitor"):
        fit_part("r", np.array([1e6, 2e6, 3e6]), np.array([50 + 0j, 50 + 0j, 50 + 0j]))
