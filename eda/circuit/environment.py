"""Names and their values in nested scopes: what an expression sees where it stands.

An instance's own value beats a parameter of the subcircuit, which beats its default, which
beats whatever the caller and the top level define (ngspice looks outwards along the calls).
Values are worked out when asked for, so their order in the file does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from eda.circuit.circuit import Function
from eda.circuit.expression import DynamicExpression, UndefinedNameError, evaluate, names_in
from eda.circuit.values import Expression, Value
from eda.errors import ExpressionError

_MAX_OPEN: Final = 2
"""Names being worked out inside one another: more, once all is settled, is a circle."""


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
        self._failed: dict[str, ExpressionError] = {}
        self._open: set[str] = set()
        outer: Mapping[str, Function] = parent.functions if parent is not None else {}
        # Shared where nothing is added: an instance makes an environment.
        self.functions: Mapping[str, Function] = {**outer, **functions} if functions else outer

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
            if name not in self._failed:
                if len(self._open) > _MAX_OPEN:
                    raise ExpressionError(f"bad expression: parameter {name} is defined by itself")
                if not self._open:
                    self._settle((name,))
                if name not in self._known:
                    self._work_out(name)
            if name in self._failed:
                raise self._failed[name].with_traceback(None)
            return self._known[name]
        return self._outside(name)

    def _work_out(self, name: str) -> None:
        """Note the value of one of this scope's names, or why it has none."""
        self._open.add(name)
        try:
            self._known[name] = self.value(self._raw[name], settled=True)
        except DynamicExpression:
            self._known[name] = None
        except ExpressionError as problem:
            if self._open == {name}:
                self._failed[name] = problem
            else:
                raise
        finally:
            self._open.discard(name)

    def _settle(self, names: Iterable[str]) -> None:
        """Work out what names depend on, innermost first.

        Parameters may be defined through thousands of others; following such a chain by
        calls would be deeper than Python's stack.
        """
        todo: list[tuple[Environment, str, bool]] = [(self, name, False) for name in names]
        seen: set[tuple[int, str]] = set()
        while todo:
            scope, name, done = todo.pop()
            if done:
                if name not in scope._known and name not in scope._failed:
                    scope._work_out(name)
                continue
            body = scope.functions.get(name)
            home: Environment | None = scope
            while home is not None and name not in home._known and name not in home._raw:
                home = home._parent
            if body is not None and (id(body), name) not in seen:
                seen.add((id(body), name))
                todo += [(scope, inner, False) for inner in names_in(body.body)]
            if home is None or name in home._known or name in home._failed:
                continue
            if name in home._open or (id(home), name) in seen:
                continue
            seen.add((id(home), name))
            todo.append((home, name, True))
            raw = home._raw[name]
            if isinstance(raw, Expression):
                for inner in names_in(raw.text):
                    outside = home._parent if inner == name else home
                    if outside is not None:
                        todo.append((outside, inner, False))
            elif isinstance(raw, str):
                todo.append((home, raw.lower(), False))

    def _outside(self, name: str) -> float | None:
        if self._parent is not None:
            return self._parent.lookup(name)
        if name in self._open:
            raise ExpressionError(f"bad expression: parameter {name} is defined by itself")
        return None

    def evaluate(self, text: str, *, settled: bool = False) -> float:
        """Return the value of an expression seen from this scope.

        Args:
            text: The expression.
            settled: Whether the names in it have been worked out already.

        Raises:
            ExpressionError: It is malformed or names what has no value.
            DynamicExpression: It depends on the solution.
        """
        if not settled and not self._open:
            self._settle(names_in(text))
        # Fifteen digits: ``5*1e-06`` is 5e-06, as whoever wrote it would say.
        return float(f"{evaluate(text, self.lookup, self.functions):.15g}")

    def value(self, value: Value, *, settled: bool = False) -> float | None:
        """Return the number a parameter value stands for; None for texts and lists.

        Args:
            value: The value.
            settled: Whether the names in it have been worked out already.

        Raises:
            ExpressionError: It is malformed or names what has no value.
            DynamicExpression: It depends on the solution.
        """
        if isinstance(value, Expression):
            return self.evaluate(value.text, settled=settled)
        if isinstance(value, str):
            try:
                return self.lookup(value.lower())
            except UndefinedNameError:
                return None
        return float(value) if isinstance(value, float | int) else None
