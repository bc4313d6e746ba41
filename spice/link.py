"""The linking pass: drafts become a `Circuit`, and what does not fit together is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from eda.circuit import Circuit, Device, Diagnostic, Severity, Source, Subcircuit
from eda.circuit.expression import DynamicExpression, UndefinedNameError
from eda.circuit.values import Expression, Value
from eda.errors import ExpressionError
from eda.spice.builder import Builder
from eda.spice.drafts import Draft, Reading
from eda.spice.elements import black_box
from eda.spice.letters import ELEMENTS
from eda.spice.lines import LogicalLine
from eda.spice.primitives import PrimitiveTable
from eda.spice.spectre.instances import instance


def link(reading: Reading, source: Source, primitives: PrimitiveTable) -> Circuit:
    """Return the circuit that a reading found."""
    top = reading.top
    _check_parameters(reading)
    devices = _devices(reading, top, primitives)
    subcircuits = {
        name: _subcircuit(reading, draft, primitives) for name, draft in top.subcircuits.items()
    }
    _report_circles(reading)
    _check_option_scale(reading)
    reading.diagnostics.sort(key=_file_order(reading))
    return Circuit(
        devices=devices,
        subcircuits=subcircuits,
        models=top.models,
        parameters=_with_values(top),
        functions=top.functions,
        title=reading.title,
        dialect=reading.dialect.name,
        globals=tuple(reading.globals.values()),
        cards=tuple(reading.cards),
        control=tuple(reading.control),
        diagnostics=tuple(reading.diagnostics),
        source=source,
        files=tuple(reading.files),
    )


def _subcircuit(reading: Reading, draft: Draft, primitives: PrimitiveTable) -> Subcircuit:
    # Nesting is bounded by the structure pass.
    return Subcircuit(
        devices=_devices(reading, draft, primitives),
        subcircuits={
            name: _subcircuit(reading, inner, primitives)
            for name, inner in draft.subcircuits.items()
        },
        models=draft.models,
        parameters=draft.parameters,
        functions=draft.functions,
        name=draft.name,
        ports=draft.ports,
        defaults=draft.defaults,
        directions=draft.directions,
        cards=tuple(draft.cards),
        span=draft.span,
    )


def _devices(reading: Reading, draft: Draft, primitives: PrimitiveTable) -> tuple[Device, ...]:
    builder = Builder(reading, draft, primitives)
    devices = builder.build(ELEMENTS, black_box, instance)
    _report_duplicates(reading, draft, devices)
    _report_undefined(reading, builder)
    return devices


def _report_duplicates(reading: Reading, draft: Draft, devices: tuple[Device, ...]) -> None:
    names = {device.name.lower() for device in devices}
    if len(names) == len(devices):
        return
    lines = {(path, line.line): line for path, line in draft.elements}
    first: dict[str, Device] = {}
    for device in devices:
        other = first.setdefault(device.name.lower(), device)
        if other is not device:
            span = device.span
            line = lines.get((span.path, span.line), LogicalLine(device.name, span.line, 1, 0))
            reading.report(
                "error",
                "duplicate_name",
                f"duplicate element {device.name.lower()}: it is also at {other.span}",
                span.path,
                line,
                fix="rename one of them",
                objects=(device.name,),
            )


def _report_undefined(reading: Reading, builder: Builder) -> None:
    for model, (path, line, name) in builder.undefined_subcircuits.items():
        known = (key for scope in builder.draft.ancestry() for key in scope.subcircuits)
        reading.report(
            "warning",
            "undefined_reference",
            f"undefined subcircuit {model}, kept as a black box",
            path,
            line,
            fix=_did_you_mean(reading, model, known) or "include the file that defines it",
            objects=(name, model),
        )
    defined: frozenset[str] = frozenset()
    if builder.undefined_models:
        defined = frozenset(card.kind for card in builder.models.values())
    for model, (path, line, name, kind) in builder.undefined_models.items():
        reading.report(
            _undefined_model_severity(reading, defined, kind),
            "undefined_model",
            f"undefined model {model}",
            path,
            line,
            fix=_did_you_mean(reading, model, builder.models) or f"add .model {model} ...",
            objects=(name, model),
        )
    for pdk, (path, line, model) in builder.primitives_used.items():
        if pdk in reading.pdks:
            continue
        reading.pdks.add(pdk)
        reading.report(
            "warning" if reading.incomplete else "info",
            "pdk",
            f"the models of {pdk} ({model}, ...) are not in the files that were read",
            path,
            line,
            fix="that is fine for graphs; to simulate, include them and set PDK_ROOT",
            objects=(pdk, model),
        )


def _undefined_model_severity(reading: Reading, defined: frozenset[str], kind: str) -> Severity:
    """Return how bad an undefined model of a kind of device is.

    Many netlists of schematics carry no models at all, board tools and LTspice have
    libraries of their own, and what an unread include defines nobody knows. In a file that
    defines models for such devices, one that is missing is a mistake.
    """
    if reading.incomplete or reading.dialect.name in ("ltspice", "pspice", "kicad", "cdl"):
        return "info"
    family = _FAMILIES.get(kind, _CODE_MODELS)
    if family is _CODE_MODELS:
        known = frozenset().union(*_FAMILIES.values())
        return "error" if defined - known else "info"
    return "error" if defined & family else "info"


_CODE_MODELS: frozenset[str] = frozenset()
_FAMILIES: dict[str, frozenset[str]] = {
    "mosfet": frozenset({"nmos", "pmos", "vdmos", "nsoi", "psoi"}),
    "bipolar": frozenset({"npn", "pnp", "lpnp"}),
    "diode": frozenset({"d"}),
    "jfet": frozenset({"njf", "pjf"}),
    "mesfet": frozenset({"nmf", "pmf"}),
    "switch": frozenset({"sw", "csw", "vswitch", "iswitch"}),
}


def _report_circles(reading: Reading) -> None:
    """Report subcircuits that contain themselves, by a walk over who instantiates whom."""
    done: set[int] = set()
    for start in _all_drafts(reading.top):
        path: list[Draft] = []
        open_: set[int] = set()
        stack: list[tuple[Draft, bool]] = [(start, False)]
        while stack:
            draft, leaving = stack.pop()
            if leaving:
                path.pop()
                open_.discard(id(draft))
                done.add(id(draft))
                continue
            if id(draft) in done:
                continue
            path.append(draft)
            open_.add(id(draft))
            stack.append((draft, True))
            for inner, file, line in draft.uses.values():
                if id(inner) not in open_:
                    stack.append((inner, False))
                    continue
                first = next(i for i, item in enumerate(path) if item is inner)
                circle = " -> ".join(item.name for item in [*path[first:], inner][:10])
                reading.report(
                    "error",
                    "recursion",
                    f"recursive subcircuit: {circle}",
                    file,
                    line,
                    fix="a subcircuit cannot contain itself",
                    objects=(inner.name,),
                )


def _all_drafts(top: Draft) -> list[Draft]:
    drafts = [top]
    for draft in drafts:
        drafts.extend(draft.subcircuits.values())
    return drafts


def _did_you_mean(reading: Reading, name: str, known: Iterable[str]) -> str:
    close = reading.similar(name.lower(), known)
    return f"did you mean {' or '.join(close)}?" if close else ""


def _check_parameters(reading: Reading) -> None:
    """Work out every ``.param`` of the top level once, and report those without a value."""
    top = reading.top
    environment = top.environment()
    for name, value in top.parameters.items():
        if not isinstance(value, Expression):
            continue
        try:
            environment.evaluate(value.text)
        except DynamicExpression:
            continue
        except ExpressionError as problem:
            undefined = isinstance(problem, UndefinedNameError)
            span = top.parameter_spans[name]
            line = LogicalLine(f".param {name}={value.text}", span.line, span.column, span.end_line)
            reading.report(
                "warning" if undefined and (reading.incomplete or "${" in value.text) else "error",
                "undefined_parameter" if undefined else "bad_value",
                str(problem),
                span.path,
                line,
                fix=_did_you_mean(reading, problem.name, list(top.parameters))
                if isinstance(problem, UndefinedNameError)
                else "",
                objects=(name,),
            )


def _with_values(top: Draft) -> Mapping[str, Value]:
    environment = top.environment()
    made: dict[str, Value] = {}
    for name, value in top.parameters.items():
        made[name] = value
        if isinstance(value, Expression):
            try:
                made[name] = Expression(value.text, environment.lookup(name))
            except (ExpressionError, DynamicExpression):
                continue
    return made


def _check_option_scale(reading: Reading) -> None:
    scale = reading.options.get("scale")
    if scale is not None and not (reading.number(scale) or 0) > 0:
        reading.report(
            "error",
            "bad_value",
            f".option scale={scale} is no positive number",
            reading.top.span.path,
            LogicalLine(f".option scale={scale}", 1, 1, 1),
        )


def _file_order(reading: Reading) -> Callable[[Diagnostic], tuple[int, int, int]]:
    order = {source.path: i for i, source in enumerate(reading.files)}
    rank = {"error": 0, "warning": 1, "info": 2}

    def key(item: Diagnostic) -> tuple[int, int, int]:
        return order.get(item.span.path, 0), item.span.line, rank[item.severity]

    return key
