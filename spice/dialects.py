"""The dialects as a table, and how to tell which one a file is written in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from eda.errors import NetlistError


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between dialects; everything else is read the same way.

    Attributes:
        name: As given to ``--dialect``.
        comment: Pattern of an inline comment, to the end of the line.
        comment_lines: Characters that make a whole line a comment.
        has_title: Whether the first line of a file is its title.
        stops_at_end: Whether what follows ``.end`` is not read.
        x_is_mega: Whether ``1x`` is a million.
        infix: Whether ``4K7`` is 4.7k.
        gnd_is_ground: Names that mean node 0.
        backslash: Whether a backslash at the end of a line continues it.
        lib_alone_includes: Whether ``.lib name`` reads the file of that name
            (elsewhere it opens the section of that name).
        board: Whether names are a board's reference designators: a part that does not fit
            its letter (``TP1``, ``SW1``, ``J1``), and any ``U``, is a black box.
        digital_u: Whether ``U`` elements are digital primitives, not RC lines.
    """

    name: str
    comment: re.Pattern[str]
    comment_lines: str = "*"
    has_title: bool = True
    stops_at_end: bool = True
    x_is_mega: bool = False
    infix: bool = False
    gnd_is_ground: frozenset[str] = frozenset({"gnd"})
    backslash: bool = False
    lib_alone_includes: bool = False
    board: bool = False
    digital_u: bool = False


_SEMICOLON = re.compile(r";.*")
# A dollar in a name (``net$1``) is no comment; ngspice also takes // behind a blank.
_DOLLAR = re.compile(r";.*|(?:^|(?<=[\s,]))\$(?=\s|$).*|(?:^|(?<=\s))//.*")
_HSPICE = re.compile(r"(?:^|(?<=[\s,]))\$.*|;.*")
# CDL hides parameters behind a dollar (``$[model]``, ``$W=1u``); only ``$ `` is a comment.
_CDL = re.compile(r"(?:^|(?<=\s))\$(?=\s|$).*")

_HSPICE_GROUND = frozenset({"gnd", "gnd!", "ground"})

DIALECTS: Final[dict[str, Dialect]] = {
    dialect.name: dialect
    for dialect in (
        Dialect("ngspice", _DOLLAR, comment_lines="*#", stops_at_end=False, backslash=True),
        Dialect("hspice", _HSPICE, x_is_mega=True, gnd_is_ground=_HSPICE_GROUND, backslash=True),
        Dialect("ltspice", _SEMICOLON, infix=True, lib_alone_includes=True),
        Dialect(
            "pspice",
            _SEMICOLON,
            x_is_mega=True,
            gnd_is_ground=frozenset(),
            lib_alone_includes=True,
            digital_u=True,
        ),
        Dialect(
            "cdl",
            _CDL,
            has_title=False,
            x_is_mega=True,
            gnd_is_ground=frozenset(),
            backslash=True,
        ),
        Dialect("kicad", _DOLLAR, comment_lines="*#", infix=True, board=True),
        # What a Spectre file has of SPICE; its own language is cut in eda.spice.spectre.lines.
        Dialect(
            "spectre",
            _DOLLAR,
            has_title=False,
            stops_at_end=False,
            gnd_is_ground=frozenset(),
            backslash=True,
        ),
        Dialect("verilog", _SEMICOLON, has_title=False, gnd_is_ground=frozenset()),
    )
}
"""Every dialect that is read, by name."""


def dialect_named(name: str) -> Dialect:
    """Return a dialect by name.

    Raises:
        NetlistError: There is none of that name.
    """
    try:
        return DIALECTS[name.lower()]
    except KeyError:
        known = ", ".join(("auto", *DIALECTS))
        raise NetlistError(f"unknown dialect '{name}'; it is one of {known}") from None


_SPECTRE = re.compile(
    r"^[ \t]*simulator[ \t]+lang[ \t]*=[ \t]*spectre", re.IGNORECASE | re.MULTILINE
)
_SPECTRE_INSTANCE = re.compile(
    r"^[ \t]*[^\s.*+(][^\s(]*[ \t]*\([^()=\n]*\)[ \t]*"
    r"(?:resistor|capacitor|inductor|[iv]source|[vc]c[vc]s|bsource|iprobe)(?=[ \t\r\n\\])",
    re.MULTILINE,
)
_SPECTRE_WORDS: Final = frozenset({"subckt", "parameters", "global"})
_COMMENT_REACH: Final = 41
"""Lines below a ``//`` comment in which a word of Spectre's tells."""
_ENDS_REACH: Final = 400
"""Lines below a ``subckt`` without a dot in which its ``ends`` must stand."""


def _is_spectre(head: str) -> bool:
    """Return whether a text is Spectre's: it says so, or has its dotless ``subckt``."""
    if _SPECTRE.search(head) is not None or _SPECTRE_INSTANCE.search(head) is not None:
        return True
    comment = opened = -1_000_000
    for number, line in enumerate(head.split("\n")):
        if line.startswith("//"):
            comment = number
            continue
        words = line.split(None, 3)
        if not words:
            continue
        first = words[0].lower()
        if first in _SPECTRE_WORDS and number - comment <= _COMMENT_REACH:
            return True
        if first == "ends" and number - opened <= _ENDS_REACH:
            return True
        if first == "inline":
            first = words[1].lower() if len(words) > 1 else ""
        if first == "subckt" and len(words) > 1 and "=" not in line:
            opened = number
    return False


_VERILOG: Final = re.compile(
    r"(?>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*+\*/|\(\*(?:[^*]|\*(?!\)))*+\*\)|`\w+[^\n]*)*+"
    r"(?:macro)?module\s+[\w\\]"
)


def _is_verilog(head: str) -> bool:
    """Return whether a text is Verilog's: its first word is ``module``."""
    return "module" in head and _VERILOG.match(head.lstrip("\ufeff")) is not None


# Our own writer says what it wrote.
_WRITTEN: Final = re.compile(r"^\* dialect: (\w+)$", re.MULTILINE)

_SIGNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (name, re.compile(pattern, re.IGNORECASE | re.MULTILINE))
    for name, pattern in (
        ("ngspice", r"^\*\*\s?sch_path:"),  # xschem
        ("kicad", r"^\.title\s+KiCad|^\*\s*EESchema|^\S+\s.*\bNet-_\w+-"),
        ("ngspice", r"^[ \t]*\.control\b|^[ \t]*\.endc\b|^a\w+\s.*[%\[]"),
        ("cdl", r"^\*\.(?:PININFO|BIPOLAR|RESI|CAPVAL|DIOPERI|EQUATION|SCALE|MEGA)\b|\s\$\["),
        ("cdl", r"^x\S*\s[^=\n'\"{]*\s/\s+\S+"),
        ("ltspice", r"^[ \t]*\.backanno\b|^\*(?=.*[\\/]).*\.(?:asc|qsch)[ \t\r]*$"),
        ("ltspice", r"^\S+\s[^*\n]*\bRser=|\bIrms=|^[a-z]\u00a7|^\*.*LTspice"),
        ("ltspice", r"^[rcl]\S*\s[^*\n]*\s[\d.]+[\u00b5\u03bc]"),
        ("pspice", r"^[ \t]*\.(?:STMLIB|PROBE(?:/CSDF|64)?|AUTOCONVERGE|STIMLIB|OPTION ADVCONV)\b"),
        ("pspice", r"^\*.*\b(?:PSpice|OrCAD)\b|^\*\s*source\s|^([a-z])_\1\S*\s|\$G_D(?:PWR|GND)"),
        ("hspice", r"^[ \t]*\.(?:macro|eom|prot(?:ect)?|alter|data|malias|hdl|vec)\b"),
        ("hspice", r"^[ \t]*\.options?\b.*\b(?:post|accurate|runlvl|brief|ingold|parhier)\b"),
        ("hspice", r"^\*.*\bhspice\b|^e\S+\s.*\bopamp\b"),
    )
)


def detect_dialect(text: str, path: str = "") -> Dialect:
    r"""Return the dialect a netlist is written in, judged by its suffix and its text.

    The first 64 kB are looked at, signs in the order of the table; a file without any is
    taken for ngspice's.

    Example:
        >>> detect_dialect("* x\n.control\nrun\n.endc\n").name
        'ngspice'
    """
    head = text[:65536]
    suffix = PurePath(path).suffix.lower()
    if suffix == ".scs" or _is_spectre(head):
        return DIALECTS["spectre"]
    if suffix in (".v", ".vg", ".sv") or _is_verilog(head):
        return DIALECTS["verilog"]
    if head.lstrip("\ufeff \t\r\n")[:7] == "(export":
        return DIALECTS["kicad"]
    if (written := _WRITTEN.search(head[:2000])) and written[1].lower() in DIALECTS:
        return DIALECTS[written[1].lower()]
    if suffix == ".cdl":
        return DIALECTS["cdl"]
    for name, sign in _SIGNS:
        if sign.search(head):
            return DIALECTS[name]
    return DIALECTS["ngspice"]
