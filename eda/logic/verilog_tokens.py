"""The tokens of a Verilog text, with their lines."""

from __future__ import annotations

import re
from typing import Final

from eda.errors import AigerError

_TOKEN: Final = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*.*?\*/|\(\*.*?\*\))"
    r"|(?P<escaped>\\[^\s]+)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_$]*)"
    r"|(?P<number>[0-9]*\s*'[sS]?[bBoOdDhH]\s*[0-9a-fA-FxXzZ?_]+|[0-9][0-9_]*)"
    r"|(?P<sign>~\^|\^~|~&|~\||&&|\|\||==|!=|<=|>=|<<|>>|[()\[\]{}.,;:=~&|^?!#@+*<>/%`\"'-])",
    re.DOTALL,
)
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_ARITHMETIC: Final = frozenset(
    ["+", "-", "*", "/", "%", "<<", ">>", "==", "!=", "<", ">", "<=", ">=", "?", "@", "#", "{"]
)


class BehaviourError(AigerError):
    """A Verilog text says more than gates do."""


class Tokens:
    """A position in the tokens of a text.

    Attributes:
        path: What messages call the text.
        position: The number of the next token.
    """

    def __init__(self, text: str, path: str) -> None:
        """Split the text.

        Raises:
            AigerError: It holds a character that Verilog has no use for.
        """
        self.path = path
        self.position = 0
        self._tokens: list[str] = []
        self._lines: list[int] = []
        at, line = 0, 1
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise AigerError(
                    f"{path}:{line}: {text[at : at + 10]!r} is no Verilog", path=path, line=line
                )
            token = match[0]
            if match.lastgroup != "space":
                # An escaped name is the same name as one that needs no escape.
                plain = match.lastgroup == "escaped" and _PLAIN.fullmatch(token, 1)
                self._tokens.append(token[1:] if plain else token)
                self._lines.append(line)
            line += token.count("\n")
            at = match.end()

    @property
    def ended(self) -> bool:
        """Whether no token is left."""
        return self.position >= len(self._tokens)

    @property
    def line(self) -> int:
        """The line of the token that was taken last."""
        return self._lines[max(self.position - 1, 0)] if self._lines else 1

    @property
    def peek(self) -> str:
        """The next token, or "" at the end."""
        return "" if self.ended else self._tokens[self.position]

    def next(self) -> str:
        """Take a token."""
        if self.ended:
            raise self.error("the text ends before endmodule")
        self.position += 1
        return self._tokens[self.position - 1]

    def take(self, token: str) -> bool:
        """Take a token if it is this one."""
        if self.peek == token:
            self.position += 1
            return True
        return False

    def expect(self, token: str) -> None:
        """Take this token."""
        found = self.peek
        if not self.take(token):
            self.position += 1
            raise self._unexpected(found or "the end", repr(token))

    def name(self, what: str) -> str:
        """Take a name."""
        found = self.next()
        if not (found.startswith("\\") or _PLAIN.fullmatch(found)):
            raise self._unexpected(found, what)
        return found.removeprefix("\\")

    def _unexpected(self, found: str, wanted: str) -> AigerError:
        message = f"{found!r} stands where {wanted} belongs"
        return self.behaviour(message) if found in _ARITHMETIC else self.error(message)

    def index(self) -> int:
        """Take a plain number, as ranges have it."""
        found = self.next()
        if not found.isdigit() or len(found) > 5:
            raise self.behaviour(f"{found!r} is no plain index below 100000")
        return int(found)

    def skip_statement(self) -> int:
        """Go behind the next semicolon; return where the statement started."""
        start = self.position
        while self.next() != ";":
            pass
        return start

    def error(self, message: str) -> AigerError:
        """Return an error at the token that was taken last."""
        return AigerError(f"{self.path}:{self.line}: {message}", path=self.path, line=self.line)

    def behaviour(self, message: str) -> BehaviourError:
        """Return an error that says that this is no netlist of gates."""
        return BehaviourError(f"{self.path}:{self.line}: {message}", path=self.path, line=self.line)
