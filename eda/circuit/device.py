"""# Device: a leaf element of a circuit, or an instance of a subcircuit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eda.circuit.place import Span
from eda.circuit.values import Value

NOWHERE = Span("<made>", 0)
"""The span of a device that was made by a program, not read."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device: a name, a kind, pins on nets, a model and parameters.

    Attributes:
        name: As written; after flattening a path, as ``x1.x2.r1``.
        kind: One of ``eda.circuit.KINDS``. An instance of a PDK primitive (an ``X`` line)
            has the kind of that primitive.
        roles: The role of each pin, in netlist order (``("d", "g", "s", "b")``).
        nets: The net of each pin, in the same order.
        model: Name of the model card, or of the subcircuit an instance stands for.
        parameters: By lower-case name; numbers in SI units.
        polarity: ``n`` or ``p`` for transistors (``npn`` counts as ``n``), empty where unknown.
        references: Names of other devices it depends on: the two inductors of a mutual
            inductance, the source that controls an F, H or W element.
        span: Where it was read.

    Example:
        >>> m1 = Device("M1", "mosfet", ("d", "g", "s", "b"), ("out", "in", "0", "0"), "nch")
        >>> m1.net("g"), m1.pins[0]
        ('in', ('d', 'out'))
    """

    name: str
    kind: str
    roles: tuple[str, ...]
    nets: tuple[str, ...]
    model: str = ""
    parameters: Mapping[str, Value] = field(default_factory=dict)
    polarity: str = ""
    references: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)

    @classmethod
    def quick(
        cls,
        name: str,
        kind: str,
        roles: tuple[str, ...],
        nets: tuple[str, ...],
        model: str,
        parameters: Mapping[str, Value],
        polarity: str,
        references: tuple[str, ...],
        span: Span,
    ) -> Device:
        """Return a device in a fifth of the time, for the loops that make a million of them.

        The constructor of a frozen class sets each field through ``object.__setattr__``;
        this fills an unfrozen twin of the same layout, and then makes it a `Device`.
        """
        made = _Unfrozen(name, kind, roles, nets, model, parameters, polarity, references, span)
        made.__class__ = cls  # type: ignore[assignment]
        return made  # type: ignore[return-value]

    @property
    def pins(self) -> tuple[tuple[str, str], ...]:
        """(role, net) pairs in netlist order."""
        return tuple(zip(self.roles, self.nets, strict=True))

    def net(self, role: str) -> str:
        """Return the net on the pin of this role.

        Raises:
            KeyError: The device has no such pin.
        """
        try:
            return self.nets[self.roles.index(role.lower())]
        except ValueError:
            raise KeyError(
                f"{self.name} has no pin {role!r}; its pins are {', '.join(self.roles)}"
            ) from None


@dataclass(slots=True)
class _Unfrozen:
    """A `Device` while it is made: the same slots in the same order."""

    name: str
    kind: str
    roles: tuple[str, ...]
    nets: tuple[str, ...]
    model: str
    parameters: Mapping[str, Value]
    polarity: str
    references: tuple[str, ...]
    span: Span
