"""Names and their values in nested scopes: what an expression sees where it stands.

An instance's own value beats a parameter of the subcircuit, which beats its default, which
beats whatever the caller and the top level define (ngspice looks outwards along the calls).
Values are worked out when asked for, so their order in the file does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping

from eda.circuit.circuit import Function
from eda.circuit.expression import DynamicExpression, UndefinedNameError, evaluate
from eda.circuit.values import Expression, Value
from eda.errors import ExpressionError


class Environment:
    """The parameters one scope sees.

    Example:
        >>> outer = Environment({"r": 1e3})
        >>> Environment({"b": Expression("2*a"), "a": 3.0}, parent=outer).evaluate("b*r")
        6000.0
    """

    def __init__(
        self,
        parameters: Mapping[str, Value],
        functions: Mapping[str, Function] | None = None,
        *,
        parent: Environment | None = None,
        overrides: Mapping[str, float | None] | None = None,
    ) -> None:
        """Make the environment of a scope.

        Args:
            parameters: The scope's parameters by lower-case name.
            functions: Its ``.func`` definitions by lower-case name.
            parent: The environment around it.
            overrides: Values an instance gives, already worked out; None where it could not be.
        """
        self._raw = parameters
        self._parent = parent
        self._known: dict[str, float | None] = dict(overrides or {})
        self._open: set[str] = set()
        outer = parent.functions if parent is not None else {}
        self.functions: dict[str, Function] = {**outer, **(functions or {})}

    def lookup(self, name: str) -> float | None:
        """Return the value of a lower-case name, or None where it has none.

        Raises:
            ExpressionError: It is defined in terms of itself, or malformed.
        """
        if name in self._known:
            return self._known[name]
        if name in self._raw:
            if name in self._open:
                # ``.param w={w}`` and defaults like it mean the w outside.
                return self._outside(name)
            self._open.add(name)
            try:
                value = self.value(self._raw[name])
            except DynamicExpression:
                value = None
            finally:
                self._open.discard(name)
            self._known[name] = value
            return value
        return self._outside(name)

    def _outside(self, name: str) -> float | None:
        if self._parent is not None:
            return self._parent.lookup(name)
        if name in self._open:
            raise ExpressionError(f"bad expression: parameter {name} is defined by itself")
        return None

    def evaluate(self, text: str) -> float:
        """Return the value of an expression seen from this scope.

        Raises:
            ExpressionError: It is malformed or names what has no value.
            DynamicExpression: It depends on the solution.
        """
        # Fifteen digits: ``5*1e-06`` is 5e-06, as whoever wrote it would say.
        return float(f"{evaluate(text, self.lookup, self.functions):.15g}")

    def value(self, value: Value) -> float | None:
        """Return the number a parameter value stands for; None for texts and lists.

        Raises:
            ExpressionError: It is malformed or names what has no value.
            DynamicExpression: It depends on the solution.
        """
        if isinstance(value, Expression):
            return self.evaluate(value.text)
        if isinstance(value, str):
            try:
                return self.lookup(value.lower())
            except UndefinedNameError:
                return None
        return float(value) if isinstance(value, float | int) else None
