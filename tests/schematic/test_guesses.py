"""Predicted links on a drawing."""

from eda.circuit import Circuit
from eda.schematic import Guess, draw, extract_circuit, with_guesses


def test_a_guess_is_a_dashed_line_and_no_wire(miller: Circuit) -> None:
    plain = draw(miller)
    guessed = with_guesses(plain, [Guess("M4", "g", "out", 0.9), Guess("M99", "g", "out", 0.1)])
    ((guess, path),) = guessed.sheets[0].guesses
    assert (guess.device, len(path)) == ("M4", 2)
    assert 'data-guess="M4.g"' in guessed.svg()
    assert "<title>M4.g on out: 90 %</title>" in guessed.svg()
    assert extract_circuit(guessed.svg()) == extract_circuit(plain.svg())
