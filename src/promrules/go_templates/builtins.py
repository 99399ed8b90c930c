"""The functions Go itself gives to every template: comparison, indexing, printing, escaping."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from promrules.go_templates.errors import TemplateError
from promrules.go_templates.fmt import PLAIN, printed, show, sprint, sprintf, sprintln
from promrules.go_templates.signature import Function, GoType
from promrules.go_templates.values import AnyMap, Sample, StringMap, Uint8, truth, type_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_BAD_COMPARISON = "invalid type for comparison"


def _kind(value: object) -> str | None:
    """Give the basic kind that decides whether two values compare, or None."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, complex):
        return "complex"
    return "string" if isinstance(value, str) else None


def _equal(left: object, *rights: object) -> bool:
    if not rights:
        raise TemplateError("missing argument for comparison")
    return any(_equal_one(left, right) for right in rights)


def _equal_one(left: object, right: object) -> bool:
    kinds = _kind(left), _kind(right)
    if kinds[0] != kinds[1]:
        if left is not None and right is not None:
            raise TemplateError(f"incompatible types for comparison: {type_name(left)} and {type_name(right)}")
        return False
    if kinds[0] is not None or left is None or right is None:
        return left == right
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        if isinstance(left, dict | list) and isinstance(right, dict | list) and type(left) is not type(right):
            names = type_name(left), type_name(right)
            raise TemplateError(
                f"non-comparable types {show(left, 'v', PLAIN)}: {names[0]}, {names[1]}: {show(right, 'v', PLAIN)}"
            )
        raise TemplateError(f"non-comparable type {show(right, 'v', PLAIN)}: {type_name(right)}")
    return left is right


def _less(left: object, right: object) -> bool:
    kinds = _kind(left), _kind(right)
    if None in kinds:
        raise TemplateError(_BAD_COMPARISON)
    if kinds[0] != kinds[1]:
        raise TemplateError(f"incompatible types for comparison: {type_name(left)} and {type_name(right)}")
    if kinds[0] in {"bool", "complex"}:
        raise TemplateError(_BAD_COMPARISON)
    if isinstance(left, str):
        return left.encode("utf-8", "surrogateescape") < str(right).encode("utf-8", "surrogateescape")
    return left < right  # type: ignore[operator,no-any-return]  # both are numbers of one kind


def _less_or_equal(left: object, right: object) -> bool:
    return _less(left, right) or _equal_one(left, right)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _position(index: object, limit: int) -> int:
    if index is None:
        raise TemplateError("cannot index slice/array with nil")
    if isinstance(index, bool) or not isinstance(index, int):
        raise TemplateError(f"cannot index slice/array with type {type_name(index)}")
    if not 0 <= index <= limit:
        raise TemplateError(f"index out of range: {index}")
    return int(index)


def _index(item: object, *indexes: object) -> object:
    if item is None:
        raise TemplateError("index of untyped nil")
    for index in indexes:
        if item is None:
            raise TemplateError("index of nil pointer")
        item = _index_one(item, index)
    return item


def _index_one(item: object, index: object) -> object:
    if isinstance(item, StringMap | AnyMap):
        if index is None:
            raise TemplateError("value is nil; should be of type string")
        if type(index) is not str:
            raise TemplateError(f"value has type {type_name(index)}; should be string")
        return item.get(index, "" if isinstance(item, StringMap) else None)
    if isinstance(item, str):
        data = _bytes(item)
        at = _position(index, len(data))
        if at == len(data):
            raise TemplateError("reflect: string index out of range")
        return Uint8(data[at])
    if isinstance(item, list):
        at = _position(index, len(item))
        if at == len(item):
            raise TemplateError("reflect: slice index out of range")
        return item[at]
    raise TemplateError(f"can't index item of type {_pointed(item)}")


def _pointed(item: object) -> str:
    """Name the type behind a pointer, as reflection shows it after following the pointer."""
    return type_name(item).removeprefix("*")


def _slice(item: object, *indexes: object) -> object:
    if item is None:
        raise TemplateError("slice of untyped nil")
    if len(indexes) > 3:
        raise TemplateError(f"too many slice indexes: {len(indexes)}")
    data = _bytes(item) if isinstance(item, str) else item
    if isinstance(data, bytes) and len(indexes) == 3:
        raise TemplateError("cannot 3-index slice a string")
    if not isinstance(data, bytes | list):
        raise TemplateError(f"can't slice item of type {_pointed(item)}")
    bounds = [0, len(data), len(data)]
    for place, index in enumerate(indexes):
        bounds[place] = _position(index, len(data))
    for low, high in ((0, 1), (1, 2))[: max(1, len(indexes) - 1)]:
        if bounds[low] > bounds[high]:
            raise TemplateError(f"invalid slice index: {bounds[low]} > {bounds[high]}")
    part = data[bounds[0] : bounds[1]]
    return _text(part) if isinstance(part, bytes) else type(data)(part)


def _length(item: object) -> int:
    if item is None:
        raise TemplateError("len of nil pointer")
    if isinstance(item, str):
        return len(_bytes(item))
    if isinstance(item, dict | list):
        return len(item)
    raise TemplateError(f"len of type {_pointed(item)}")


def _joined(values: Sequence[object]) -> str:
    """Print arguments as an action prints its value; one string stays as it is."""
    shown = [printed(value) if _is_pointer(value) else value for value in values]
    return sprint(shown)


def _is_pointer(value: object) -> bool:
    return value is None or isinstance(value, Sample)


_HTML = str.maketrans({'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"})
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def _js(*values: object) -> str:
    return "".join(_JS.get(char) or _js_char(char) for char in _joined(values))


def _js_char(char: str) -> str:
    if char < " " or not (char.isprintable() or char == "\x7f"):
        return f"\\u{ord(char):04X}"
    return char


def refuse_call(shown: str, value: object) -> object:
    """Fail as `call` does on a value: no function can be reached from an alert's data."""
    if value is None:
        raise TemplateError("call of nil")
    raise TemplateError(f"non-function {shown} of type {type_name(value)}")


def _value(count: int) -> tuple[GoType, ...]:
    return (GoType.VALUE,) * count


BUILTINS: dict[str, Function] = {
    # the executor evaluates `and` and `or`, which stop at the argument that decides, and names the callee of `call`
    "and": Function(_value(1), lambda *_: None, GoType.VALUE),
    "or": Function(_value(1), lambda *_: None, GoType.VALUE),
    "call": Function(_value(1), lambda value, *_: refuse_call("value", value), GoType.VALUE),
    "html": Function((), lambda *values: _joined(values).translate(_HTML), GoType.ANY),
    "index": Function(_value(1), _index, GoType.VALUE),
    "slice": Function(_value(1), _slice, GoType.VALUE),
    "js": Function((), _js, GoType.ANY),
    "len": Function(_value(1), _length),
    "not": Function(_value(1), lambda value: not truth(value)),
    "print": Function((), lambda *values: sprint(values), GoType.ANY),
    "printf": Function((GoType.STRING,), lambda template, *values: sprintf(template, values), GoType.ANY),
    "println": Function((), lambda *values: sprintln(values), GoType.ANY),
    "urlquery": Function((), lambda *values: quote_plus(_bytes(_joined(values))), GoType.ANY),
    "eq": Function(_value(1), _equal, GoType.VALUE),
    "ne": Function(_value(2), lambda left, right: not _equal_one(left, right)),
    "lt": Function(_value(2), _less),
    "le": Function(_value(2), _less_or_equal),
    "gt": Function(_value(2), lambda left, right: not _less_or_equal(left, right)),
    "ge": Function(_value(2), lambda left, right: not _less(left, right)),
}
