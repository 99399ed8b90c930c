"""Go's fmt in Python: `sprint(values)`, `sprintf(format, values)`, `sprintln(values)`.

Rules from the documentation of package fmt; numbers print as Go prints them (`1e+06`, `+Inf`, `map[a:1]`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from promrules.go_templates.lexer import quote
from promrules.go_templates.time import Duration, Month, Time, Weekday
from promrules.go_templates.values import Sample, TemplateData, type_name

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Spec:
    """Flags, width and precision of one verb; `precision` None means none given."""

    flags: frozenset[str] = frozenset()
    width: int | None = None
    precision: int | None = None


PLAIN = Spec()
MAX_WIDTH = 1_000_000  # as in Go: wider than that is `%!(BADWIDTH)`


def sprint(values: Sequence[object]) -> str:
    """Print values with a blank between two that are no strings."""
    parts: list[str] = []
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            parts.append(" ")
        parts.append(show(value, "v", PLAIN))
    return "".join(parts)


def sprintln(values: Sequence[object]) -> str:
    """Print values with blanks between them and a newline."""
    return " ".join(show(value, "v", PLAIN) for value in values) + "\n"


def float_text(value: float) -> str:
    """Print a float64 as `%v` does: the shortest digits that round-trip."""
    return _float(value, "g", PLAIN)


_VERB = re.compile(r"%([+\-# 0]*)(\[\d+\])?(\*|\d+)?(?:(\.)(\[\d+\])?(\*|\d+)?)?(\[\d+\])?(.?)", re.DOTALL)


def sprintf(template: str, values: Sequence[object]) -> str:
    """Print values into a format; a verb that does not fit its value prints as in Go, `%!d(string=x)`."""
    given = _Arguments(values)
    text = _VERB.sub(lambda found: _verb(found, given), template)
    if given.reordered or given.at >= len(values):
        return text
    extra = (
        "<nil>" if value is None else f"{type_name(value)}={show(value, 'v', PLAIN)}" for value in values[given.at :]
    )
    return f"{text}%!(EXTRA {', '.join(extra)})"


_MISSING = object()


class _Arguments:
    """The values of a format, taken in turn or as `[n]` says."""

    def __init__(self, values: Sequence[object]) -> None:
        self.values = values
        self.at = 0
        self.reordered = False
        self.bad = False

    def move(self, index: str | None) -> None:
        if index is not None:
            place = int(index[1:-1]) - 1
            self.reordered = True
            self.bad = not 0 <= place < len(self.values)
            self.at = self.at if self.bad else place

    def take(self) -> object:
        if self.at >= len(self.values):
            return _MISSING
        self.at += 1
        return self.values[self.at - 1]


def _size(text: str | None, given: _Arguments) -> int | None:
    """Read a width or precision; `*` takes it from the values. Raises ValueError where Go prints BADWIDTH."""
    if text is None or text == "":
        return None
    number = given.take() if text == "*" else int(text)
    if isinstance(number, bool) or not isinstance(number, int) or abs(number) > MAX_WIDTH:
        raise ValueError
    return number


def _verb(found: re.Match[str], given: _Arguments) -> str:
    flags, width_index, width_text, dot, precision_index, precision_text, index, verb = found.groups()
    prefix = ""
    width = precision = None
    given.bad = False
    given.move(width_index)
    try:
        width = _size(width_text, given)
    except ValueError:
        prefix = "%!(BADWIDTH)"
    given.move(precision_index)
    try:
        precision = _size(precision_text, given) if precision_text else 0 if dot else None
    except ValueError:
        prefix += "%!(BADPREC)"
    given.move(index)
    if width is not None and width < 0:
        flags, width = flags + "-", -width
    spec = Spec(frozenset(flags), width, precision if precision is None or precision >= 0 else None)
    if verb == "":
        return prefix + "%!(NOVERB)"
    if verb == "%":
        return prefix + "%"
    if given.bad:
        return f"{prefix}%!{verb}(BADINDEX)"
    value = given.take()
    return prefix + (f"%!{verb}(MISSING)" if value is _MISSING else show(value, verb, spec))


def show(value: object, verb: str, spec: Spec, *, depth: int = 0) -> str:
    """Print one value with one verb."""
    if verb == "T":
        return _pad("<nil>" if value is None else type_name(value), spec)
    if value is None:
        return _pad("<nil>", spec) if verb == "v" else f"%!{verb}(<nil>)"
    if isinstance(value, Time | Duration | Month | Weekday) and verb in "vsqxX":
        return _string(str(value), "s" if verb == "v" else verb, spec)
    if isinstance(value, bool):
        return _pad("true" if value else "false", spec) if verb in "tv" else _bad(value, verb, spec)
    if isinstance(value, Duration | Time):
        return _integer(value.ns, verb, spec) or _bad(value, verb, spec)
    if isinstance(value, int):
        return _integer(value, verb, spec) or _bad(value, verb, spec)
    if isinstance(value, float):
        return _float(value, "g" if verb == "v" else verb, spec) or _bad(value, verb, spec)
    if isinstance(value, complex):
        signed = replace(spec, flags=spec.flags | {"+"})
        return f"({_float(value.real, 'g', spec)}{_float(value.imag, 'g', signed)}i)"
    if isinstance(value, str):
        return _string(value, verb, spec) if verb in "vsqxX" else _bad(value, verb, spec)
    return _composite(value, verb, spec, depth)


def _composite(value: object, verb: str, spec: Spec, depth: int) -> str:
    """Print a map, a list or a structure: brackets round its parts, each printed with the same verb."""
    inner = depth + 1
    if isinstance(value, dict):
        pairs = (
            f"{show(key, verb, spec, depth=inner)}:{show(value[key], verb, spec, depth=inner)}" for key in sorted(value)
        )
        return f"map[{' '.join(pairs)}]"
    if isinstance(value, list):
        return f"[{' '.join(show(item, verb, spec, depth=inner) for item in value)}]"
    if isinstance(value, Sample):
        # Go prints a pointer inside a list as an address, which nobody can expect in a test.
        return "0xc000000000" if depth else "&" + _fields(value, ("Labels", "Value"), verb, spec, inner)
    if isinstance(value, TemplateData):
        return _fields(value, ("Labels", "ExternalLabels", "ExternalURL", "Value"), verb, spec, inner)
    return _string(str(value), "s" if verb == "v" else verb, spec)


def _fields(value: object, names: Sequence[str], verb: str, spec: Spec, depth: int) -> str:
    named = "+" in spec.flags and verb == "v"
    parts = (f"{name}:" * named + show(getattr(value, name), verb, spec, depth=depth) for name in names)
    return f"{{{' '.join(parts)}}}"


def printed(value: object) -> str:
    """Print a value as an action does: no value is `<no value>`, pointers are followed."""
    if value is None:
        return "<no value>"
    if isinstance(value, Sample):
        return _fields(value, ("Labels", "Value"), "v", PLAIN, 1)
    return show(value, "v", PLAIN)


def _bad(value: object, verb: str, spec: Spec) -> str:
    return f"%!{verb}({type_name(value)}={show(value, 'v', spec)})"


def _pad(text: str, spec: Spec) -> str:
    if spec.width is None or len(text) >= spec.width:
        return text
    if "-" in spec.flags:
        return text.ljust(spec.width)
    return text.rjust(spec.width, "0" if "0" in spec.flags else " ")


def _pad_number(sign: str, digits: str, spec: Spec) -> str:
    if "0" in spec.flags and "-" not in spec.flags and spec.width is not None:
        return sign + digits.rjust(spec.width - len(sign), "0")
    return _pad(sign + digits, replace(spec, flags=spec.flags - {"0"}))


def _sign(negative: bool, spec: Spec) -> str:
    if negative:
        return "-"
    return "+" if "+" in spec.flags else " " if " " in spec.flags else ""


_BASES = {
    "d": ("d", ""),
    "v": ("d", ""),
    "b": ("b", "0b"),
    "o": ("o", "0"),
    "O": ("o", "0o"),
    "x": ("x", "0x"),
    "X": ("X", "0X"),
}


def _integer(value: int, verb: str, spec: Spec) -> str:
    if verb == "c":
        return _pad(chr(value) if 0 <= value <= 0x10FFFF else "\ufffd", spec)
    if verb == "q":
        return _pad(f"'{chr(value)}'" if 0 <= value <= 0x10FFFF else "'\ufffd'", spec)
    if verb == "U":
        return _pad(f"U+{value:04X}", spec)
    if verb not in _BASES:
        return ""
    base, prefix = _BASES[verb]
    digits = format(abs(value), base)
    if spec.precision is not None:
        digits = "" if spec.precision == 0 and value == 0 else digits.rjust(spec.precision, "0")
        spec = replace(spec, flags=spec.flags - {"0"})
    if verb == "O" or ("#" in spec.flags and prefix):
        digits = prefix + digits
    return _pad_number(_sign(value < 0, spec), digits, spec)


def _string(text: str, verb: str, spec: Spec) -> str:
    if spec.precision is not None and verb in "vsq":
        text = text[: spec.precision]
    if verb in "xX":
        shown = text.encode("utf-8", "surrogateescape").hex()
        return _pad(shown.upper() if verb == "X" else shown, spec)
    if verb == "q":
        raw = "#" in spec.flags and "`" not in text and text.isprintable()
        return _pad(f"`{text}`" if raw else quote(text), spec)
    return _pad(text, spec) if verb in "sv" else f"%!{verb}(string={text})"


def _float(value: float, verb: str, spec: Spec) -> str:
    if verb not in "eEfFgG":
        return ""
    if math.isnan(value) or math.isinf(value):
        sign = "" if math.isnan(value) and "+" not in spec.flags else "-" if value < 0 else "+"
        body = "NaN" if math.isnan(value) else "Inf"
        return _pad(sign + body, replace(spec, flags=spec.flags - {"0"}))
    negative = math.copysign(1.0, value) < 0
    size = abs(value)
    if verb in "gG" and spec.precision is None:
        digits = shortest(size, sharp="#" in spec.flags)
        digits = digits.upper() if verb == "G" else digits
    else:
        sharp = "#" if "#" in spec.flags else ""
        digits = f"%{sharp}.{6 if spec.precision is None else spec.precision}{verb}" % size
    return _pad_number(_sign(negative, spec), digits, spec)


def shortest(value: float, *, sharp: bool = False) -> str:
    """Print a finite, non-negative float with the fewest digits that read back as it, like `%g` without precision.

    The exponent form is taken below 1e-4 and, however many digits there are, from 1e+06 on.
    """
    if value == 0:
        return "0.00000" if sharp else "0"
    mantissa, _, exponent_text = f"{value!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole) if whole.strip("0") else len(fraction.lstrip("0")) - len(fraction)
    point = leading + int(exponent_text or 0)
    digits = digits.rstrip("0")
    exponent = point - 1
    if exponent < -4 or exponent >= 6:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{digits[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return digits.ljust(point, "0")
    return f"{digits[:point]}.{digits[point:]}"
