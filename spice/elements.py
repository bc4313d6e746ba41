"""Element cards taken apart: a letter, nets, a model or value, parameters -> `Device`.

One function per letter (or family of letters); `eda.spice.letters` puts them in a table.
Sources and controlled sources, whose cards are small languages of their own, live in
`eda.spice.sources`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from eda.circuit import KINDS, Device, Expression, Value
from eda.spice.builder import Builder, TooFewError, card_words, numbered_roles, words_of
from eda.spice.primitives import Primitive
from eda.spice.words import Assignment, ungroup

_TWO: Final = KINDS["resistor"].roles
_MOS: Final = KINDS["mosfet"].roles
SOI_ROLES: Final = ("d", "g", "s", "e", "b", "t1", "t2")
"""Roles of a transistor with more than four nets: back gate, body, temperature."""

_TLINE: Final = KINDS["tline"].roles


def passive(kind: str, letter: str) -> Callable[[Builder, str], Device]:
    """Return the reader of R, C and L cards: ``R1 a b 1k``, ``R1 a b model w=1u``, and mixes."""
    form = f"{letter}NAME NET NET VALUE"

    def read(build: Builder, text: str) -> Device:
        plain = text.split()
        if len(plain) == 4 and not any(map(text.__contains__, "=(,{'\"")):
            # The common case of extracted netlists, by the hundred thousand.
            number = build.reading.number(plain[3])
            if number is not None:
                return build.make(plain[0], kind, _TWO, plain[1:3], "", {"value": number})
        words, assignments = card_words(text)
        model = ""
        if len(words) != 4 or words[1][0] == "(":
            words = ungroup(words)
            if len(words) < 3:
                raise TooFewError(f"too few nets on {words[0]}", form)
        value: Value | None = None
        nets = words[1:3]
        roles: tuple[str, ...] = _TWO
        for word in words[3:]:
            if word.startswith("$") or word in ("\\", "/"):
                continue
            number = build.reading.number(word)
            if number is None and value is None and _INFIX.match(word):
                number = _cut_off(build, word)
            if number is not None and value is None:
                value = number
            elif value is None and not build.known_model(word) and _is_expression(build, word):
                value = build.amount(word)
            elif not model:
                model = word
            elif number is None and len(words) == 5 and value is None:
                # Three terminals: ``R1 a b sub model`` of PDKs and CDL.
                nets, roles, model = [*nets, model], (*_TWO, "b"), word
        if "$" in text:
            assignments, model = _cdl_extras(words, assignments, model)
        own = letter.lower()
        unit_m = build.unit_of(model) if model else 1.0
        parameters = build.parameters(assignments, unit_m=unit_m)
        if value is None:
            for key in (own, "value"):
                if key in parameters:
                    parameters = dict(parameters)
                    value = parameters.pop(key)
                    if isinstance(value, str):
                        value = build.expression(value)
                    break
        if parameters:
            parameters = plain_passive(parameters)
        if value is not None:
            parameters = {"value": value, **parameters} if parameters else {"value": value}
        return build.make(words[0], kind, roles, nets, model, parameters)

    return read


_INFIX: Final = re.compile(r"(\d+(?:meg|[kmunpgt\u00b5\u03bc]))\d+$", re.IGNORECASE)


def _cut_off(build: Builder, word: str) -> float | None:
    """Return what simulators make of ``4K7`` that do not know such numbers: 4000."""
    found = _INFIX.match(word)
    if found is None or build.known_model(word):
        return None
    head, tail = found[1], word[found.end(1) :]
    build.reading.report(
        "warning",
        "infix_number",
        f"{word} is {head} here: what stands behind the suffix is not read",
        build.path,
        build.line,
        fix=f"write {head[:-1]}.{tail}{head[-1]}, or name the dialect: ltspice and kicad know it",
    )
    return build.reading.number(head)


PARASITIC: Final = frozenset({"rser", "lser", "rpar", "cpar", "rlshunt"})
"""LTspice's parts inside of parts."""

_ZERO: Final = PARASITIC | {"tc1", "tc2", "tc"}


def plain_passive(parameters: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the parameters of a passive without those that say nothing.

    ``TC=a,b`` is ``tc1`` and ``tc2``; coefficients and parasitics of zero are left out.
    """
    if _ZERO.isdisjoint(parameters):
        return parameters
    made = dict(parameters)
    both = made.pop("tc", None)
    if both is not None:
        values = both if isinstance(both, tuple) else (both,)
        made.update(zip(("tc1", "tc2"), values, strict=False))
    for name in ("tc1", "tc2", *sorted(PARASITIC)):
        if made.get(name) == 0.0:
            del made[name]
    return made


def _is_expression(build: Builder, word: str) -> bool:
    if word[0] in "{'":
        return True
    return build.draft.knows(word.lower()) or isinstance(
        build.reading.value(word, build.draft), Expression
    )


# Where a layout tool put the device: nothing about the circuit.
_LAYOUT_MARKS: Final = frozenset({"$x", "$y", "$d", "$eqn"})


def _cdl_extras(
    words: list[str], assignments: list[Assignment], model: str
) -> tuple[list[Assignment], str]:
    """CDL hides model and sizes behind dollars: ``$[rppoly] $W=1u $SUB=gnd! $X=3``."""
    for word in words:
        if word.startswith("$["):
            model = word[2:].rstrip("]")
    plain = []
    for key, raw in assignments:
        if key == "$.model":
            model = raw
        elif key not in _LAYOUT_MARKS:
            plain.append((key.lstrip("$"), raw))
    return plain, model


def mutual(build: Builder, text: str) -> Device:
    """``K1 L1 L2 0.99``: any number of inductors, then the coupling."""
    words, parameters = words_of(build, text, 3, "KNAME LNAME LNAME COUPLING")
    made = dict(parameters)
    names = words[1:]
    if "k" not in made and names and build.is_number(names[-1]):
        made["k"] = build.amount(names.pop())
    return build.make(words[0], "mutual", (), [], "", made, tuple(names))


def _positional(
    build: Builder, words: list[str], parameters: Mapping[str, Value], names: tuple[str, ...]
) -> Mapping[str, Value]:
    """Return parameters with the words behind the model: numbers in order, then flags."""
    if not words:
        return parameters
    made = dict(parameters)
    free = iter(names)
    for word in words:
        if build.is_number(word) or _is_expression(build, word):
            name = next(free, None)
            if name is not None:
                made.setdefault(name, build.amount(word))
        elif not word.startswith("$"):
            made[word.lower()] = True
    return made


def two_net_model(
    kind: str, letter: str, extra: tuple[str, ...]
) -> Callable[[Builder, str], Device]:
    """Return the reader of diodes: two nets, a model, then numbers that have names."""
    roles = KINDS[kind].roles

    def read(build: Builder, text: str) -> Device:
        words, parameters = words_of(build, text, 3, f"{letter}NAME NET NET MODEL")
        at = 3
        if len(words) > 4 and not build.known_model(words[3]) and build.known_model(words[4]):
            at = 4  # a thermal node before the model
        model = words[at] if len(words) > at else ""
        made = _positional(build, words[at + 1 :], parameters, extra)
        if "$" in text:
            made, model = _plain_extras(made, words, model)
        names = roles if at == 3 else (*roles, "t")
        return build.make(words[0], kind, names, words[1:at], model, made)

    return read


def _plain_extras(
    parameters: Mapping[str, Value], words: list[str], model: str
) -> tuple[Mapping[str, Value], str]:
    for word in words:
        if word.startswith("$["):
            model = word[2:].rstrip("]")
    kept = {}
    for key, value in parameters.items():
        if key not in _LAYOUT_MARKS:
            kept[key.lstrip("$")] = value
    return kept, model


def bipolar(build: Builder, text: str) -> Device:
    """``Q1 c b e [s [t]] model [area]``: the model is told by its card, else by its place."""
    form = "QNAME C B E [S] MODEL"
    words, parameters = words_of(build, text, 4, form)
    at = next((i for i in range(4, min(len(words), 7)) if build.known_model(words[i])), 0)
    if not at:
        # Behind the model only numbers and flags may stand.
        at = min(len(words) - 1, 6)
        while at > 4 and (build.is_number(words[at]) or words[at].lower() in _FLAGS):
            at -= 1
    if at < 4:
        raise TooFewError(f"too few nets on {words[0]}", form)
    roles = KINDS["bipolar"].roles[: at - 1]
    made = _positional(build, words[at + 1 :], parameters, ("area", "areab", "areac"))
    return build.make(words[0], "bipolar", roles, words[1:at], words[at], made)


_FLAGS: Final = frozenset({"off", "on", "thermal"})


def mosfet(build: Builder, text: str) -> Device:
    """``M1 d g s b model``; three nets with a three-terminal model, more with an SOI one."""
    plain = text.split(None, 6)
    if len(plain) == 7:
        # Transistors by the hundred thousand share a few sizes: those are taken apart once.
        known = build.tails.get((plain[5], plain[6]))
        if known is not None and not any(map(text[: -len(plain[6])].__contains__, "=(,{'\"")):
            return build.make(plain[0], "mosfet", _MOS, plain[1:5], plain[5], known)
    words, assignments = card_words(text)
    if len(words) == 6 and words[1][0] != "(":
        noted = len(build.reading.diagnostics)
        parameters = build.parameters(assignments, unit_m=build.unit_of(words[5]))
        if "$" in text:
            parameters, _ = _plain_extras(parameters, [], "")
        if len(plain) == 7 and words == plain[:6] and noted == len(build.reading.diagnostics):
            build.tails[words[5], plain[6]] = parameters
        return build.make(words[0], "mosfet", _MOS, words[1:5], words[5], parameters)
    form = "MNAME D G S B MODEL"
    words = ungroup(words)
    if len(words) < 5:
        raise TooFewError(f"too few nets on {words[0]}", form)
    at = next((i for i in range(4, min(len(words), 9)) if build.known_model(words[i])), 0)
    if not at:
        at = 5 if len(words) > 5 else 4
        if len(words) == 5 and not build.reading.incomplete and build.models:
            # A file with its own models: the name at the end is more likely a net.
            raise TooFewError(f"too few nets on {words[0]}", form)
    roles = _MOS[: at - 1] if at <= 5 else SOI_ROLES[: at - 1]
    parameters = build.parameters(assignments, unit_m=build.unit_of(words[at]))
    made = _positional(build, words[at + 1 :], parameters, ("l", "w"))
    if "$" in text:
        made, _ = _plain_extras(made, [], "")
    return build.make(words[0], "mosfet", roles, words[1:at], words[at], made)


def three_net_model(kind: str, letter: str) -> Callable[[Builder, str], Device]:
    """Return the reader of JFETs and MESFETs: three nets, a model, an area."""
    roles = KINDS[kind].roles

    def read(build: Builder, text: str) -> Device:
        words, parameters = words_of(build, text, 5, f"{letter}NAME D G S MODEL")
        made = _positional(build, words[5:], parameters, ("area",))
        return build.make(words[0], kind, roles, words[1:4], words[4], made)

    return read


def switch(build: Builder, text: str) -> Device:
    """``S1 p n cp cn model [on|off]``."""
    words, parameters = words_of(build, text, 6, "SNAME NET NET CTRL CTRL MODEL")
    made = _positional(build, words[6:], parameters, ())
    return build.make(words[0], "switch", KINDS["switch"].roles, words[1:5], words[5], made)


def current_switch(build: Builder, text: str) -> Device:
    """``W1 p n VNAME model``; in HSPICE also a lossy line, told by its ``N=``."""
    words, parameters = words_of(build, text, 4, "WNAME NET NET VNAME MODEL")
    if "n" in parameters and len(words) % 2 == 1:
        return build.make(
            words[0], "tline", numbered_roles(len(words) - 1), words[1:], "", parameters
        )
    if len(words) < 5:
        raise TooFewError(f"too few nets on {words[0]}", "WNAME NET NET VNAME MODEL")
    made = _positional(build, words[5:], parameters, ())
    return build.make(words[0], "switch", _TWO, words[1:3], words[4], made, (words[3],))


def line_four(letter: str) -> Callable[[Builder, str], Device]:
    """Return the reader of T, O and Y lines: two ports of two nets, and perhaps a model."""

    def read(build: Builder, text: str) -> Device:
        if build.reading.dialect.name == "ltspice" and letter == "Y":
            return black_box(build, text)  # a crystal of QSPICE
        words, parameters = words_of(build, text, 5, f"{letter}NAME P1 N1 P2 N2 ...")
        model = words[5] if len(words) > 5 else ""
        made = _positional(build, words[6:], parameters, ())
        return build.make(words[0], "tline", _TLINE, words[1:5], model, made)

    return read


def coupled_lines(build: Builder, text: str) -> Device:
    """``P1 in1 in2 ref out1 out2 ref model``."""
    words, parameters = words_of(build, text, 4, "PNAME NETS... MODEL")
    nets = words[1:-1]
    return build.make(words[0], "tline", numbered_roles(len(nets)), nets, words[-1], parameters)


_DIGITAL: Final = re.compile(
    r"(?:buf|inv|x?n?and|x?n?or|xnor|nxor|aoi|oai|ao|oa|dff|jkff|dltch|srff|stim|pullup|pulldn"
    r"|dlyline|logicexp|pindly|constraint|adc|dac|pla\w*|rom|ram|[bi]\w*3a?|\w+a)\b",
    re.IGNORECASE,
)


def uniform_line(build: Builder, text: str) -> Device:
    """``U1 n1 n2 n3 model`` (an RC line), or a digital primitive of PSpice."""
    words, assignments = card_words(text)
    plain = ungroup(words)
    digital = len(words) > 1 and (
        ("(" in words[1] and words[1][0] != "(") or build.reading.dialect.digital_u
    )
    if not digital and len(words) > 5:
        digital = _DIGITAL.match(words[1]) is not None
    if digital:
        rest = ungroup(words[2:])
        # The last two words are the timing and the I/O model.
        nets = rest[:-2] if len(rest) > 3 else rest
        made = dict(build.parameters(assignments))
        if len(rest) > 3:
            made["timing_model"], made["io_model"] = rest[-2:]
        return build.make(words[0], "xspice", numbered_roles(len(nets)), nets, words[1], made)
    if len(plain) < 5:
        raise TooFewError(f"too few nets on {plain[0]}", "UNAME NET NET REF MODEL")
    parameters = build.parameters(assignments)
    return build.make(plain[0], "tline", numbered_roles(3), plain[1:4], plain[4], parameters)


def osdi(build: Builder, text: str) -> Device:
    """``N1 nets... model``: a compiled Verilog-A model."""
    words, parameters = words_of(build, text, 3, "NNAME NETS... MODEL")
    nets = words[1:-1]
    return build.make(words[0], "osdi", numbered_roles(len(nets)), nets, words[-1], parameters)


_CODE_MODEL: Final = re.compile(r"%\s*\w+|[\[\]()]|~?[^\s\[\]()%,~]+|~")


def xspice(build: Builder, text: str) -> Device:
    """``A1 [d1 d2] %v(out) model``: a code model; ports may be vectors and have types.

    ``parameters["ports"]`` keeps the form, with ``{}`` in the place of each net.
    """
    if build.reading.dialect.name == "ltspice":
        return _ltspice_function(build, text)
    words, assignments = card_words(text.replace("[", " [ ").replace("]", " ] "))
    tokens = _CODE_MODEL.findall(" ".join(words))
    plain = [i for i, token in enumerate(tokens) if token not in "[]()~" and token[0] != "%"]
    if len(plain) < 3:
        raise TooFewError(f"too few nets on {words[0]}", "ANAME PORTS... MODEL")
    nets: list[str] = []
    form: list[str] = []
    of_nets = set(plain[1:-1])
    for i in range(1, plain[-1]):
        token = tokens[i]
        if i not in of_nets or token.lower() == "null":
            form.append(token.replace("% ", "%"))
        elif token[0] == "~" and len(token) > 1:
            nets.append(token[1:])
            form.append("~{}")
        else:
            nets.append(token)
            form.append("{}")
    made = {"ports": " ".join(form), **build.parameters(assignments)}
    return build.make(words[0], "xspice", numbered_roles(len(nets)), nets, tokens[plain[-1]], made)


def _ltspice_function(build: Builder, text: str) -> Device:
    """LTspice's ``A1 n1 ... n8 BUF vhigh=5``: eight nets, then the function."""
    words, parameters = words_of(build, text, 3, "ANAME NETS... FUNCTION")
    at = 9 if len(words) > 9 else len(words) - 1
    made = _positional(build, words[at + 1 :], parameters, ())
    return build.make(words[0], "xspice", numbered_roles(at - 1), words[1:at], words[at], made)


def instance(build: Builder, text: str) -> Device:
    """``X1 nets... name [params: a=b ...]``; CDL writes ``X1 nets... / name``."""
    words, assignments = card_words(text)
    words = ungroup(words)
    while len(words) > 2 and words[-1].startswith("$"):
        words.pop()
    for i, word in enumerate(words):
        if word.lower() in ("params:", "param:", "text:"):
            del words[i]
            break
    if "/" in words:
        words.remove("/")
    if len(words) < 2:
        raise TooFewError(f"too few nets on {words[0]}", "XNAME NETS... SUBCIRCUIT")
    name, model, nets = words[0], words[-1], words[1:-1]
    target = build.instance_of(model, len(nets))
    if isinstance(target, Primitive):
        parameters = build.parameters(assignments, unit_m=build.unit_of(model))
        roles = target.roles[: len(nets)]
        build.note_primitive(target, model)
        return build.make(
            name, target.kind, roles, nets, model, parameters, polarity=target.polarity
        )
    parameters = build.parameters(assignments)
    if "$" in text:
        parameters, _ = _plain_extras(parameters, [], "")
    roles = numbered_roles(len(nets))
    if target is None and len(nets) == 4 and "w" in parameters and "l" in parameters:
        # Four nets, a width and a length: a transistor of a PDK that no table knows.
        build.undefined_subcircuits.setdefault(model, (build.path, build.line, name))
        return build.make(name, "mosfet", _MOS, nets, model, parameters)
    if target is None:
        build.undefined_subcircuits.setdefault(model, (build.path, build.line, name))
    elif not len(target.ports) - target.optional_ports <= len(nets) <= len(target.ports):
        build.wrong_port_count(name, target, len(nets))
    else:
        roles = target.ports[: len(nets)]
        build.draft.uses.setdefault(id(target), (target, build.path, build.line))
    return build.make(name, "subcircuit", roles, nets, model, parameters)


def black_box(build: Builder, text: str) -> Device:
    """A part of a board whose letter means nothing in SPICE (``J1``, ``TP2``, ``SW1``)."""
    words, parameters = words_of(build, text, 2, "NAME NETS... PART")
    nets = words[1:-1] if len(words) > 2 else words[1:]
    part = words[-1] if len(words) > 2 else ""
    return build.make(words[0], "subcircuit", numbered_roles(len(nets)), nets, part, parameters)
