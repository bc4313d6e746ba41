"""Writing a circuit in Spectre's language: instances with named parameters, models, statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from eda.circuit import (
    Card,
    Circuit,
    Device,
    Expression,
    Function,
    ModelCard,
    Scope,
    Span,
    Subcircuit,
    Value,
)
from eda.circuit.expression import names_in
from eda.spice.cards import WIDTH, in_written_units, one_line
from eda.spice.convert.expressions import REWRITTEN, Speech
from eda.spice.convert.target import PASSIVE, PINS, SOURCE, WAVES, Loss, Target
from eda.spice.primitives import primitive_table
from eda.spice.remarks import Remarks
from eda.spice.spectre.masters import ANALYSES, CONTROLS, MODELS, OTHER_MOS, PRIMITIVES
from eda.spice.spectre.sources import WAVES as WAVE_NAMES
from eda.spice.spectre.statements import has_statement, statement_of
from eda.spice.spectre.values import escaped, spectre_text

_NOWHERE: Final = Span("", 0)
_KEY: Final = re.compile(r"[A-Za-z_]\w*$", re.ASCII)
_LEVELS: Final[dict[float, str]] = {
    **{1.0: "mos1", 2.0: "mos2", 3.0: "mos3", 4.0: "bsim1", 5.0: "bsim2"},
    **{8.0: "bsim3v3", 49.0: "bsim3v3", 14.0: "bsim4", 54.0: "bsim4"},
    **{10.0: "bsimsoi", 58.0: "bsimsoi"},
}
_BIPOLAR_LEVELS: Final[dict[float, str]] = {1.0: "bjt", 4.0: "vbic", 8.0: "hicum"}
_TYPES: Final[dict[str, tuple[str, str]]] = {
    **{"d": ("diode", ""), "r": ("resistor", ""), "res": ("resistor", "")},
    **{"c": ("capacitor", ""), "cap": ("capacitor", ""), "l": ("inductor", "")},
    **{"ind": ("inductor", ""), "sw": ("relay", ""), "npn": ("bjt", "npn"), "pnp": ("bjt", "pnp")},
    **{"njf": ("jfet", "n"), "pjf": ("jfet", "p"), "nmf": ("gaas", "n"), "pmf": ("gaas", "p")},
    **{"nmos": ("mos1", "n"), "pmos": ("mos1", "p")},
}
_VALUE_KEYS: Final = {"resistor": "r", "capacitor": "c", "inductor": "l"}
_WAVE_TYPES: Final = {"sin": "sine", "sffm": "sine", "pulse": "pulse", "exp": "exp"}


def write_spectre(circuit: Circuit, remarks: Remarks) -> tuple[str, list[Loss]]:
    """Return the text of a circuit that has been fitted to Spectre, and what it cannot say."""
    run = _Writer(remarks)
    scopes: list[Scope] = [circuit]
    for scope in scopes:
        scopes += scope.subcircuits.values()
        run.defined.update(name.partition(".")[0] for name in scope.models)
    lines = [f"// {one_line(circuit.title)}".rstrip(), "simulator lang=spectre"]
    if circuit.globals:
        lines += _folded(["global", "0", *map(escaped, circuit.globals)])
    lines += run.parameters(circuit.parameters)
    lines += run.functions(circuit.functions)
    lines += run.models(circuit.models)
    for subcircuit in circuit.subcircuits.values():
        lines += run.subcircuit(subcircuit)
    devices = run.devices(circuit.devices)
    if circuit.ports or circuit.name:
        name = escaped(circuit.name or "top")
        head = [f"subckt {name}", f"({' '.join(map(escaped, circuit.ports))})"]
        lines += [*_folded(head), *_directions(circuit.directions), *devices, f"ends {name}"]
    else:
        lines += devices
    lines += run.cards(circuit.cards)
    return "\n".join([*lines, *remarks.rest("//"), ""]), run.losses


class _Writer:
    """One text on its way; ``losses`` is what could not be said.

    Attributes:
        defined: Lower-case names of the models that the circuit defines.
        told: Models of which it has been said that nothing tells their kind.
        statements: How many analyses of each kind have been named.
    """

    def __init__(self, remarks: Remarks) -> None:
        self.remarks = remarks
        self.losses: list[Loss] = []
        self.defined: set[str] = set()
        self.told: set[str] = set()
        self.statements: dict[str, int] = {}

    def lose(self, message: str, span: Span = _NOWHERE) -> None:
        self.losses.append(Loss(message, span))

    # -- scopes ---------------------------------------------------------------------------

    def parameters(self, parameters: Mapping[str, Value]) -> list[str]:
        words = self.pairs(parameters, "parameter", _NOWHERE)
        return _folded(["parameters", *words]) if words else []

    def functions(self, functions: Mapping[str, Function]) -> list[str]:
        lines = []
        for function in functions.values():
            arguments = ", ".join(f"real {name}" for name in function.arguments)
            lines += [
                f"real {function.name.lower()}({arguments}) {{",
                f"    return {one_line(function.body)};",
                "}",
            ]
        return lines

    def subcircuit(self, scope: Subcircuit) -> list[str]:
        name = escaped(scope.name)
        lines = self.remarks.take(scope.span, "//")
        lines += _folded([f"subckt {name}", f"({' '.join(map(escaped, scope.ports))})"])
        lines += _directions(scope.directions)
        lines += self.parameters({**scope.defaults, **self.local(scope)})
        for function in scope.functions.values():
            self.lose(f"the function {function.name} inside of subcircuit {scope.name}", scope.span)
        lines += self.models(scope.models)
        for inner in scope.subcircuits.values():
            lines += self.subcircuit(inner)
        lines += self.devices(scope.devices)
        return [*lines, *self.cards(scope.cards), f"ends {name}"]

    def local(self, scope: Subcircuit) -> Mapping[str, Value]:
        """Return the parameters that a subcircuit sets itself.

        Spectre has one statement for these and for those an instance may set. A multiplier among
        them would no longer multiply the subcircuit.
        """
        if "m" not in scope.parameters or "m" in scope.defaults:
            return scope.parameters
        values = [value for device in scope.devices for value in device.parameters.values()]
        values += scope.parameters.values()
        if any(isinstance(item, Expression) and "m" in names_in(item.text) for item in values):
            self.lose(f"the parameter m of {scope.name}, which no instance sets", scope.span)
            return scope.parameters
        return {name: value for name, value in scope.parameters.items() if name != "m"}

    def cards(self, cards: Iterable[Card]) -> list[str]:
        lines: list[str] = []
        for card in cards:
            lines += self.remarks.take(card.span, "//")
            if card.language == "spectre":
                lines += card.text.split("\n")
                continue
            word = card.text[1:].split(None, 1)[0].lower()
            number = self.statements[word] = self.statements.get(word, 0) + 1
            text = statement_of(card.text, number, escaped)
            if text:
                lines += _folded(text.split(" "))
            else:
                self.lose(card.text, card.span)
        return lines

    # -- models ---------------------------------------------------------------------------

    def models(self, models: Mapping[str, ModelCard]) -> list[str]:
        lines: list[str] = []
        bins: dict[str, list[tuple[str, list[str]]]] = {}
        for card in models.values():
            made = self.model(card)
            if made is None:
                continue
            lines += self.remarks.take(card.span, "//")
            master, words = made
            base, dot, number = card.name.rpartition(".")
            if dot and base and number.isdecimal():
                bins.setdefault(f"model {escaped(base)} {master}", []).append((number, words))
            else:
                lines += _folded([f"model {escaped(card.name)} {master}", *words])
        for head, cards in bins.items():
            lines.append(f"{head} {{")
            for number, words in cards:
                lines += _folded([f"{number}:", *words])
            lines.append("}")
        return lines

    def model(self, card: ModelCard) -> tuple[str, list[str]] | None:
        known = _TYPES.get(card.kind)
        parameters = dict(card.parameters)
        if known is None:
            if card.kind.isidentifier() and card.kind not in _SPICE_ONLY:
                return card.kind, self.pairs(parameters, f"model {card.name}", card.span)
            self.lose(f"model {card.name}: Spectre has no models of type {card.kind}", card.span)
            return None
        master, word = known
        level = parameters.get("level")
        if master in ("mos1", "bjt") and isinstance(level, float):
            table = _LEVELS if master == "mos1" else _BIPOLAR_LEVELS
            if level not in table:
                self.lose(f"model {card.name}: Spectre has no level {level:g}", card.span)
                return None
            master = table[level]
            del parameters["level"]
        other = parameters.get("master")
        if isinstance(other, str) and other in OTHER_MOS:
            master = other
            del parameters["master"]
        if master == "relay":
            parameters = _relay(parameters)
        pairs = self.pairs(parameters, f"model {card.name}", card.span)
        return master, ([f"type={word}"] if word else []) + pairs

    # -- devices --------------------------------------------------------------------------

    def devices(self, devices: Iterable[Device]) -> list[str]:
        lines: list[str] = []
        for device in devices:
            lines += self.remarks.take(device.span, "//")
            lines += self.device(device)
        return lines

    def device(self, device: Device) -> list[str]:
        primitive = primitive_table().find(device.model) if device.model else None
        parameters = dict(device.parameters)
        if primitive is not None and device.kind != "subcircuit":
            parameters = in_written_units(parameters, primitive)
        maker = _MAKERS.get(device.kind, _Writer.of_model)
        if device.kind in _VALUE_KEYS or device.kind == "tline":
            maker = _Writer.passive
        return maker(self, device, parameters)

    def tell_kind(self, device: Device) -> None:
        """Report a device whose kind nothing says: Spectre has no letters for it."""
        model = device.model.lower()
        if device.kind == "subcircuit" or not model or model in self.defined | self.told:
            return
        if primitive_table().find(device.model) is None:
            self.told.add(model)
            self.lose(
                f"that {device.name} is a {device.kind}: its model {device.model} is not defined",
                device.span,
            )

    def statement(
        self, device: Device, master: str, parameters: Mapping[str, Value], *more: str
    ) -> list[str]:
        """Return ``name (nodes) master p=v``."""
        words = [escaped(device.name)]
        if device.nets:
            words.append(f"({' '.join(map(escaped, device.nets))})")
        words += [master, *self.pairs(parameters, device.name, device.span), *more]
        return _folded(words)

    def of_model(self, device: Device, parameters: dict[str, Value]) -> list[str]:
        self.tell_kind(device)
        if device.references:
            self.lose(f"{device.name}: a switch controlled by a current", device.span)
            return []
        return self.statement(device, escaped(device.model or "unknown"), parameters)

    def passive(self, device: Device, parameters: dict[str, Value]) -> list[str]:
        if "value" not in parameters:
            self.tell_kind(device)
        renamed = {ours: theirs for theirs, ours in PRIMITIVES[device.kind].renamed.items()}
        if device.kind == "tline" and device.model:
            self.lose(f"{device.name}: a line with a model", device.span)
            return []
        made = {renamed.get(key, key): value for key, value in parameters.items()}
        return self.statement(device, escaped(device.model) or device.kind, made)

    def controlled(self, device: Device, parameters: dict[str, Value]) -> list[str]:
        """E, G, F, H: the linear form and POLY."""
        made = dict(parameters)
        current = device.kind in ("ccvs", "cccs")
        probes = [escaped(name) for name in device.references]
        if "poly" in made:
            del made["poly"]
            made["coeffs"] = made.pop("coefficients", ())
            more = [f"probes=[{' '.join(probes)}]"] if current else []
            return self.statement(device, f"p{device.kind}", made, *more)
        if set(made) - {"gain", "m"} or (current and len(probes) != 1):
            shown = ", ".join(sorted(set(made) - {"gain", "m"})) or "its controls"
            self.lose(f"{device.name}: {shown} of a controlled source", device.span)
            return []
        key = {"vccs": "gm", "ccvs": "rm"}.get(device.kind, "gain")
        if "gain" in made:
            made = {key: made.pop("gain"), **made}
        return self.statement(device, device.kind, made, *(f"probe={name}" for name in probes))

    def behavioral(self, device: Device, parameters: dict[str, Value]) -> list[str]:
        return self.statement(device, "bsource", parameters)

    def mutual(self, device: Device, parameters: dict[str, Value]) -> list[str]:
        names = [escaped(name) for name in device.references]
        made = {"coupling": parameters.pop("k", 1.0), **parameters}
        pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
        lines = []
        for number, (first, second) in enumerate(pairs):
            name = escaped(device.name) + (f"_{number + 1}" if number else "")
            words = self.pairs(made, device.name, device.span)
            lines += _folded([name, "mutual_inductor", *words, f"ind1={first}", f"ind2={second}"])
        return lines

    def source(self, device: Device, parameters: dict[str, Value]) -> list[str]:
        made: dict[str, Value] = {}
        rest = dict(parameters)
        master = device.kind
        if "portnum" in rest:
            master = "port"
            made["num"] = rest.pop("portnum")
            made["r"] = rest.pop("z0", 50.0)
        wave = next((name for name in (*_WAVE_TYPES, "pwl") if name in rest), "dc")
        if wave != "dc" or "dc" in rest:
            made["type"] = _WAVE_TYPES.get(wave, wave)
        for ours, theirs in (("dc", "dc"), ("ac", "mag"), ("ac_phase", "phase")):
            if ours in rest:
                made[theirs] = rest.pop(ours)
        if wave == "pwl":
            points = rest.pop("pwl")
            made["wave"] = points
            if "td" in rest:
                made["delay"] = rest.pop("td")
        elif wave != "dc":
            points = rest.pop(wave)
            names = WAVE_NAMES[wave]
            values = points if isinstance(points, tuple) else ()
            made.update(zip(names, values, strict=False))
            for value in values[len(names) :]:
                self.lose(
                    f"{device.name}: {wave} with {spectre_text(value)} at its end", device.span
                )
        for name in ("arguments", *WAVE_NAMES, "pwl", "r", "value"):
            if name in rest:
                value = rest.pop(name)
                self.lose(f"{device.name}: {name} {spectre_text(value)}", device.span)
        return self.statement(device, master, {**made, **rest})

    # -- values ---------------------------------------------------------------------------

    def pairs(self, parameters: Mapping[str, Value], owner: str, span: Span) -> list[str]:
        """Return ``name=value`` words; flags and texts with quotes cannot be said."""
        words = []
        for name, value in parameters.items():
            if (
                isinstance(value, bool)
                or not _KEY.match(name)
                or (isinstance(value, str) and '"' in value)
            ):
                self.lose(f"{owner}: {name}={spectre_text(value)}", span)
                continue
            words.append(f"{name}={spectre_text(value)}")
        return words


_MAKERS: Final = {
    **dict.fromkeys(("vcvs", "vccs", "ccvs", "cccs"), _Writer.controlled),
    **dict.fromkeys(("vsource", "isource"), _Writer.source),
    "behavioral": _Writer.behavioral,
    "mutual": _Writer.mutual,
}
_SPICE_ONLY: Final = frozenset(
    {"vdmos", "csw", "ltra", "txl", "cpl", "urc", "nsoi", "psoi", "lpnp", "nhfet", "phfet"}
    | {"nigbt", "numd", "nbjt", "numos", "core"}
)


def _relay(parameters: dict[str, Value]) -> dict[str, Value]:
    """Return the parameters of a switch's model as those of a relay."""
    made = dict(parameters)
    threshold, half = made.pop("vt", 0.0), made.pop("vh", 0.0)
    for ours, theirs in (("roff", "ropen"), ("ron", "rclosed")):
        if ours in made:
            made[theirs] = made.pop(ours)
    if isinstance(threshold, float) and isinstance(half, float):
        return {**made, "vt1": threshold - half, "vt2": threshold + half}
    return {**made, "vt1": threshold, "vt2": threshold}


def _directions(directions: Mapping[str, str]) -> list[str]:
    letters = {"input": "I", "output": "O", "inout": "B"}
    items = [f"{port}:{letters[way]}" for port, way in directions.items()]
    return [f"*.PININFO {' '.join(items[i : i + 8])}" for i in range(0, len(items), 8)]


def _folded(words: list[str]) -> list[str]:
    lines: list[str] = []
    current = ""
    for word in words:
        if current and len(current) + 1 + len(word) > WIDTH:
            lines.append(f"{current} \\")
            current = f"    {word}"
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current]


_FUNCTIONS: Final = frozenset(
    {"ln", "floor", "ceil", "int", "asinh", "acosh", "atanh", "atan2", "hypot", "fmod", "round"}
)

_STATEMENTS: Final = frozenset(
    {"subckt", "inline", "ends", "model", "parameters", "global", "ic", "nodeset", "include"}
    | {"save", "export", "library", "section", "if", "else", "simulator", "real", "statistics"}
    | {"protect", "protected", "correlate", "ahdl_include", "set_options"}
)


def _instance_name(name: str) -> str:
    """Return the name of an instance, which must not begin a statement of another kind."""
    return f"{name}_" if name.lower() in _STATEMENTS else name


SPECTRE: Final = Target(
    "spectre",
    None,
    speech=Speech(
        functions=_FUNCTIONS,
        rewritten={
            **{key: text for key, text in REWRITTEN.items() if key not in _FUNCTIONS},
            **{"log": "ln({0})", "mod": "fmod({0},{1})", "nint": "round({0})"},
        },
        names={"temper": "temp", "time": "$time"},
    ),
    kinds=frozenset(
        (
            *("resistor", "capacitor", "inductor", "mutual", "diode", "bipolar", "mosfet", "jfet"),
            *("mesfet", "vsource", "isource", "vcvs", "vccs", "ccvs", "cccs", "behavioral"),
            *("switch", "tline", "subcircuit", "osdi"),
        )
    ),
    pins=PINS,
    passive=PASSIVE | {"isnoisy", "trise"},
    source=SOURCE | WAVES | {"portnum", "z0", "dbm", "fundname", "xfmag", "pacmag", "isnoisy"},
    behavioral="b",
    cards=frozenset(
        {".op", ".dc", ".ac", ".tran", ".noise", ".sp", ".ic", ".nodeset", ".temp"}
        | {".option", ".options"}
    ),
    options=frozenset({"reltol", "vntol", "abstol", "gmin", "temp", "tnom", "method", "maxord"}),
    letters=False,
    case=True,
    says_card=has_statement,
    device=_instance_name,
    reserved=frozenset({*PRIMITIVES, *MODELS, *OTHER_MOS, *ANALYSES, *CONTROLS}),
    write=write_spectre,
)
