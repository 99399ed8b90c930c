"""The parse tree of a template; `str(node)` is the text Go shows in its error messages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric or character constant, under each type that can hold it (Go's ideal constants)."""

    pos: int
    text: str
    integer: int | None
    real: float | None
    complex: complex | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Bool:
    """`true` or `false`."""

    pos: int
    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True, slots=True)
class String:
    """A quoted text; `quoted` as it was written, `text` what it means."""

    pos: int
    quoted: str
    text: str

    def __str__(self) -> str:
        return self.quoted


@dataclass(frozen=True, slots=True)
class Dot:
    """The cursor `.`."""

    pos: int

    def __str__(self) -> str:
        return "."


@dataclass(frozen=True, slots=True)
class Nil:
    """The constant `nil`."""

    pos: int

    def __str__(self) -> str:
        return "nil"


@dataclass(frozen=True, slots=True)
class Identifier:
    """The name of a function."""

    pos: int
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Field:
    """`.A.B`: fields walked from the cursor."""

    pos: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        return "".join("." + name for name in self.names)


@dataclass(frozen=True, slots=True)
class Variable:
    """`$x.A.B`: a variable and fields walked from it; `names[0]` has the dollar."""

    pos: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Chain:
    """`(pipeline).A.B` or `function.A`: fields walked from a term."""

    pos: int
    node: Node
    names: tuple[str, ...]

    def __str__(self) -> str:
        inner = f"({self.node})" if isinstance(self.node, Pipe) else str(self.node)
        return inner + "".join("." + name for name in self.names)


@dataclass(frozen=True, slots=True)
class Command:
    """One stage of a pipeline: an operand, or a function and its arguments."""

    pos: int
    args: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(f"({arg})" if isinstance(arg, Pipe) else str(arg) for arg in self.args)


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands joined by `|`, with the variables they declare or assign."""

    pos: int
    declared: tuple[str, ...]
    assigns: bool
    commands: tuple[Command, ...]

    def __str__(self) -> str:
        head = ", ".join(self.declared) + (" = " if self.assigns else " := ") if self.declared else ""
        return head + " | ".join(map(str, self.commands))


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text between actions."""

    pos: int
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Action:
    """`{{ pipeline }}`: printed, unless it declares a variable."""

    pos: int
    pipe: Pipe

    def __str__(self) -> str:
        return f"{{{{{self.pipe}}}}}"


@dataclass(frozen=True, slots=True)
class Block:
    """A list of nodes."""

    pos: int
    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.nodes))


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range` with its `else`."""

    pos: int
    keyword: str
    pipe: Pipe
    body: Block
    otherwise: Block | None

    def __str__(self) -> str:
        tail = f"{{{{else}}}}{self.otherwise}" if self.otherwise else ""
        return f"{{{{{self.keyword} {self.pipe}}}}}{self.body}{tail}{{{{end}}}}"


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` or `continue`."""

    pos: int
    keyword: str

    def __str__(self) -> str:
        return f"{{{{{self.keyword}}}}}"


@dataclass(frozen=True, slots=True)
class Call:
    """`{{template "name" pipeline}}`."""

    pos: int
    name: str
    quoted: str
    pipe: Pipe | None

    def __str__(self) -> str:
        return f"{{{{template {self.quoted}{f' {self.pipe}' if self.pipe else ''}}}}}"


@dataclass(frozen=True, slots=True)
class End:
    """Marks `end` while parsing; never part of a finished tree."""

    pos: int

    def __str__(self) -> str:
        return "{{end}}"


@dataclass(frozen=True, slots=True)
class Else:
    """Marks `else` while parsing; never part of a finished tree."""

    pos: int

    def __str__(self) -> str:
        return "{{else}}"


Node = (
    Number | Bool | String | Dot | Nil | Identifier | Field | Variable | Chain | Command | Pipe
    | Text | Action | Block | Branch | Jump | Call | End | Else
)  # fmt: skip
