"""Every exception of the toolkit, in one tree.

* EdaError                       base class; ``exit_code`` is what the ``eda`` command returns
  x InputError                   something the user gave cannot be used            (exit 2)
    + NetlistError               a SPICE netlist: path, line, column, card
      - ExpressionError          an expression in it
    + ConversionError            a circuit that a dialect cannot say all of
    + AigerError                 a file of logic: path, line, offset
    + GraphFileError             a graph file, or a format it cannot be written in
    + LinkQueryError             a pin or net that is not in the circuit
    + SpecError                  a specification or a case
    + ConfigError                an ``eda.toml``: path, key
    + DatasetError               a corpus that is absent, or is not what its checksum says
    + WeightsError               model weights that do not fit the model
  x UndecidedError               a search ended at its limit without an answer     (exit 1)
  x ToolNotFoundError            a needed program is missing                       (exit 3)
    + SimulatorNotFoundError     ngspice
  x SimulationError              ngspice ran and failed: command, log              (exit 4)

A message says what is wrong, where (``file:line:column`` and the card), and how to mend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.circuit import Diagnostic


class EdaError(Exception):
    """Base class for every failure raised by the toolkit."""

    exit_code = 4


class InputError(EdaError):
    """Something the user gave cannot be used."""

    exit_code = 2


class NetlistError(InputError):
    """A netlist cannot be understood.

    Attributes:
        path: The file, as the user named it.
        line: Line of the first problem, from 1; 0 where the file as a whole is meant.
        column: Column of the first problem, from 1; 0 where unknown.
        card: The text of the card concerned.
        diagnostics: Every problem found, in file order.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        line: int = 0,
        column: int = 0,
        card: str = "",
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        """Keep the place beside the message."""
        super().__init__(message)
        self.path = path
        self.line = line
        self.column = column
        self.card = card
        self.diagnostics = tuple(diagnostics)


class ExpressionError(NetlistError):
    """An expression is malformed, or names something that has no value."""


class ConversionError(InputError):
    """A dialect cannot say all of a circuit, and that was asked for.

    Attributes:
        dropped: What it cannot say, one sentence each.
    """

    def __init__(self, message: str, *, dropped: Sequence[str] = ()) -> None:
        """Keep the list beside the message."""
        super().__init__(message)
        self.dropped = tuple(dropped)


class AigerError(InputError):
    """An AIGER file, or another file of logic, is malformed.

    Attributes:
        path: The file, as the user named it.
        line: Line of the problem, from 1; 0 where the place is told in bytes.
        offset: Byte of the problem, from 0; -1 where the place is told in lines.
    """

    def __init__(self, message: str, *, path: str = "", line: int = 0, offset: int = -1) -> None:
        """Keep the place beside the message."""
        super().__init__(message)
        self.path = path
        self.line = line
        self.offset = offset


class GraphFileError(InputError):
    """A graph cannot be written or read in the format asked for."""


class LinkQueryError(InputError):
    """A pin or a net was asked for that the circuit does not have."""


class SpecError(InputError):
    """A specification or a case is malformed."""


class ConfigError(InputError):
    """A configuration file cannot be used.

    Attributes:
        path: The file.
        key: The key concerned, such as ``pdk.sky130.root``; empty for the file as a whole.
    """

    def __init__(self, message: str, *, path: str = "", key: str = "") -> None:
        """Keep file and key beside the message."""
        super().__init__(message)
        self.path = path
        self.key = key


class DatasetError(InputError):
    """A corpus is absent, or is not what its checksum says."""


class WeightsError(InputError):
    """Model weights do not fit the model that reads them."""


class UndecidedError(EdaError):
    """A search ended at its limit without an answer."""

    exit_code = 1


class ToolNotFoundError(EdaError):
    """A program that is needed is not installed."""

    exit_code = 3


class SimulatorNotFoundError(ToolNotFoundError):
    """The ngspice program or library is not installed."""


class SimulationError(EdaError):
    """A simulation ran and failed.

    Attributes:
        command: The command line that was run.
        log: What the simulator printed, truncated.
    """

    def __init__(self, message: str, *, command: Sequence[str] = (), log: str = "") -> None:
        """Keep command and log beside the message."""
        super().__init__(message)
        self.command = tuple(command)
        self.log = log
