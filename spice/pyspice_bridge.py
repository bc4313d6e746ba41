"""To and from ``PySpice.Spice.Netlist.Circuit``; PySpice is imported only inside.

PySpice keeps a name without its letter (``R1`` is element ``R`` named ``1``) and knows no
path names, so a circuit goes over with its hierarchy, and what PySpice has no element for goes
over as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eda.circuit import Circuit, Device, Scope, Subcircuit
from eda.spice.cards import card_words
from eda.spice.reader import parse_netlist
from eda.spice.writer import MARK, write_spice

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit as PySpiceCircuit

# Letters whose PySpice element takes exactly this many nets, and the rest of the card as text.
_PINS: Final = {"R": 2, "C": 2, "L": 2, "V": 2, "I": 2, "D": 2, "J": 3, "Z": 3, "M": 4, "Q": 3}


def to_pyspice(circuit: Circuit) -> PySpiceCircuit:
    r"""Return a circuit as a PySpice one, subcircuits and model cards included.

    Example:
        >>> from eda.spice import parse_netlist
        >>> print(to_pyspice(parse_netlist("* rc\nR1 in out 4.7k\n")).R1)
        R1 in out 4700
    """
    from PySpice.Spice.Netlist import Circuit as Made
    from PySpice.Spice.Netlist import SubCircuit

    made = Made(circuit.title, global_nodes=circuit.globals)

    def filled(netlist: Any, scope: Scope) -> None:
        for subcircuit in scope.subcircuits.values():
            inner = SubCircuit(subcircuit.name, *subcircuit.ports)
            # PySpice writes no parameters in the .subckt line of its own.
            filled(inner, subcircuit)
            netlist.subcircuit(inner)
        for device in scope.devices:
            _add(netlist, device)

    # What has no counterpart (defaults of subcircuits, functions, cards) travels as text.
    if _needs_text(circuit):
        made.raw_spice += _definitions(circuit)
        for device in circuit.devices:
            _add(made, device)
    else:
        filled(made, circuit)
    for card in circuit.models.values():
        text = write_spice(Circuit(models={card.name.lower(): card}))
        made.raw_spice += "".join(
            f"{line}\n" for line in text.splitlines() if line.startswith((".model", "+"))
        )
    return made


def from_pyspice(circuit: PySpiceCircuit) -> Circuit:
    """Return a PySpice circuit as one of ours.

    Raises:
        NetlistError: What PySpice writes for it is no netlist.
    """
    text = str(circuit)
    head, _, rest = text.partition("\n")
    title = head.removeprefix(".title").strip()
    return parse_netlist(f"* {title}\n{MARK}\n{rest}", dialect="ngspice", name="<PySpice>")


def _needs_text(scope: Scope) -> bool:
    if scope.parameters or scope.functions:
        return True
    return any(
        (isinstance(sub, Subcircuit) and sub.defaults) or sub.models or _needs_text(sub)
        for sub in scope.subcircuits.values()
    )


def _definitions(circuit: Circuit) -> str:
    """Return parameters, functions and subcircuits of a circuit as netlist text."""
    bare = Circuit(
        subcircuits=circuit.subcircuits,
        parameters=circuit.parameters,
        functions=circuit.functions,
    )
    lines = write_spice(bare).splitlines()[2:]
    return "".join(f"{line}\n" for line in lines if line != ".end")


def _add(netlist: Any, device: Device) -> None:
    name, nets, tail = card_words(device)
    letter, rest = name[0].upper(), name[1:]
    if _PINS.get(letter) == len(nets) and rest:
        getattr(netlist, letter)(rest, *nets, raw_spice=" ".join(tail))
    else:
        netlist.raw_spice += " ".join([name, *nets, *tail]) + "\n"
