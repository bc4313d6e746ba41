"""A card cut into words and assignments: ``M1 d g s b nch w=1u l='lmin*2'``."""

from __future__ import annotations

import re
from typing import Final

from eda.errors import NetlistError

_SPECIAL: Final = re.compile(r"[\"'{}(),]")
# The looks behind keep a run of blanks or letters from being tried at each of its places.
BLANKS_ROUND_EQUALS: Final = re.compile(r"(?<!\s)\s*=\s*")
_PIECE: Final = re.compile(r"[^\s\"'{}(),=]+|[\"'{}(),=]")
_OPENING: Final = {"{": "}", "(": ")"}
_QUOTE_OR_BRACKET: Final = frozenset("\"'{}()")
_MAX_DEPTH: Final = 100

Assignment = tuple[str, str]


class CardSyntaxError(NetlistError):
    """A card whose quotes or braces do not match; ``column`` is the offset in its text."""


def split_card(text: str) -> tuple[list[str], list[Assignment]]:
    """Return the words of a card and its ``name=value`` assignments.

    A group in parentheses, braces or quotes is one word (with its marks); a name directly
    before a parenthesis belongs to it (``SIN(0 1 1k)``). Commas separate like blanks, but
    ``ic=1,2,0`` is one value.

    Raises:
        CardSyntaxError: A quote or bracket is not closed.

    Example:
        >>> split_card("R1 a 0 1k tc1 = 2m")
        (['R1', 'a', '0', '1k'], [('tc1', '2m')])
        >>> split_card("V1 a 0 SIN(0 1 1k) m={2*k}")
        (['V1', 'a', '0', 'SIN(0 1 1k)'], [('m', '{2*k}')])
    """
    if _SPECIAL.search(text) is not None:
        return _scan(text)
    if "=" not in text:
        return text.split(), []
    if "= " in text or " =" in text or "\t" in text:
        text = BLANKS_ROUND_EQUALS.sub("=", text)
    words: list[str] = []
    assignments: list[Assignment] = []
    for token in text.split():
        key, equals, value = token.partition("=")
        if not equals:
            words.append(token)
        elif key and value and "=" not in value:
            assignments.append((key.lower(), value))
        else:
            return _scan(text)
    return words, assignments


def _scan(text: str) -> tuple[list[str], list[Assignment]]:
    """The general case, by one pass over words, quotes, brackets, commas and equals signs."""
    words: list[str] = []
    assignments: list[Assignment] = []
    key: str | None = None  # an assignment waits for its value
    in_value = False  # the last piece belongs to the last assignment
    glue = False  # a comma in a value joins what follows
    end = -1  # where the last piece ended
    at = 0
    while (found := _PIECE.search(text, at)) is not None:
        piece, start = found.group(), found.start()
        at = found.end()
        if piece in _QUOTE_OR_BRACKET:
            at = _group_end(text, start)
            piece = text[start:at]
        elif piece == ",":
            glue = in_value and end == start
            end = at if glue else -1
            if glue:
                _extend(assignments, ",")
            continue
        elif piece == "=" and text[at : at + 1] == "=":
            at += 1  # a comparison in an expression without braces
            piece = "=="
        elif piece == "=":
            if key is not None or in_value or not words:
                raise CardSyntaxError("'=' is not expected here", column=start)
            key = words.pop().lower()
            end = -1
            continue
        if in_value and (glue or end == start):
            _extend(assignments, piece)
        elif key is not None:
            assignments.append((key, piece))
            key, in_value = None, True
        elif end == start and words:
            words[-1] += piece
        else:
            words.append(piece)
            in_value = False
        glue = False
        end = at
    if key is not None:
        raise CardSyntaxError(f"'{key}=' has no value", column=len(text))
    return words, assignments


def _extend(assignments: list[Assignment], piece: str) -> None:
    name, value = assignments[-1]
    assignments[-1] = (name, value + piece)


def _group_end(text: str, start: int) -> int:
    """Return the place behind the quoted or bracketed group that begins at ``start``."""
    mark = text[start]
    if mark in _OPENING:
        return closing_bracket(text, start)
    if mark in ")}":
        raise CardSyntaxError(f"'{mark}' closes nothing", column=start)
    close = text.find(mark, start + 1)
    if close < 0:
        raise CardSyntaxError(f"the quote {mark} is not closed", column=start)
    return close + 1


def closing_bracket(text: str, start: int) -> int:
    """Return the place behind the bracket that closes the one at ``start``."""
    stack: list[str] = []
    for found in _BRACKET.finditer(text, start):
        mark = found.group()
        if mark in _OPENING:
            stack.append(_OPENING[mark])
            if len(stack) > _MAX_DEPTH:
                raise CardSyntaxError(
                    f"brackets nested deeper than {_MAX_DEPTH} levels", column=start
                )
        elif mark == stack[-1]:
            stack.pop()
            if not stack:
                return found.end()
        else:
            raise CardSyntaxError(
                f"'{mark}' found where '{stack[-1]}' is expected", column=found.start()
            )
    raise CardSyntaxError(f"the bracket '{text[start]}' is not closed", column=start)


_BRACKET: Final = re.compile(r"[(){}]")

_ASSIGNED: Final = re.compile(r"(?<![^\s=,(){}'\"])([^\s=,(){}'\"]+)\s*(?:(\([^()=]*\))\s*)?=(?!=)")
_COMPARISON: Final = re.compile(r"[<>!=]$")
_GROUP_START: Final = re.compile(r"[{\"']")


def split_assignments(text: str) -> list[tuple[str, str | None, str]]:
    """Return the ``(name, arguments, value)`` triples of a ``.param`` or ``.func`` text.

    The value runs to the next assignment, so blanks in it need no braces:
    ``a = 2 * b c=3``. Arguments are None but for ``f(x,y)=...``.

    Raises:
        CardSyntaxError: A quote or bracket is not closed.

    Example:
        >>> split_assignments("a = 2 * b  sq(x)={x*x}")
        [('a', None, '2 * b'), ('sq', '(x)', '{x*x}')]
    """
    masked = _mask_groups(text)
    marks = [found for found in _ASSIGNED.finditer(masked) if not _COMPARISON.search(found[1])]
    triples = []
    for mark, following in zip(marks, [*marks, None][1:], strict=True):
        stop = following.start() if following is not None else len(text)
        name = text[mark.start(1) : mark.end(1)]
        arguments = text[mark.start(2) : mark.end(2)] if mark[2] is not None else None
        triples.append((name, arguments, text[mark.end() : stop].strip().rstrip(",").rstrip()))
    return triples


def _mask_groups(text: str) -> str:
    """Return the text with what is inside quotes and braces blotted out."""
    out = list(text)
    at = 0
    while (found := _GROUP_START.search(text, at)) is not None:
        start = found.start()
        at = _group_end(text, start)
        out[start:at] = "_" * (at - start)
    return "".join(out)


def bare(raw: str) -> str:
    """Return an expression without the braces or quotes round the whole of it.

    Example:
        >>> bare("{2*{a}}"), bare("'a'+'b'")
        ('2*{a}', "'a'+'b'")
    """
    raw = raw.strip()
    if len(raw) > 1:
        if raw[0] == "{" and raw[-1] == "}" and closing_bracket(raw, 0) == len(raw):
            return raw[1:-1].strip()
        if raw[0] == raw[-1] and raw[0] in "'\"" and raw.count(raw[0]) == 2:
            return raw[1:-1].strip()
    return raw


def ungroup(words: list[str]) -> list[str]:
    """Return words with plain groups opened: ``(a b)`` is two nets, written so in old decks."""
    if not any(word[0] == "(" for word in words):
        return words
    opened: list[str] = []
    for word in words:
        if word[0] == "(" and word[-1] == ")":
            opened.extend(word[1:-1].replace(",", " ").split())
        else:
            opened.append(word)
    return opened
