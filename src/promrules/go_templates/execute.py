"""A parsed template and its data in, text out: `execute(trees, data, functions)`.

Semantics and error texts are those of Go's text/template with `missingkey=zero`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from promrules.go_templates import nodes
from promrules.go_templates.builtins import refuse_call
from promrules.go_templates.errors import TemplateError
from promrules.go_templates.fmt import PLAIN, printed, show
from promrules.go_templates.lexer import quote
from promrules.go_templates.literals import MAX_INT
from promrules.go_templates.nodes import Node, Pipe
from promrules.go_templates.signature import NILABLE, OF_CLASS, Function, GoType, assignable, zero
from promrules.go_templates.values import METHODS, AnyMap, Sample, StringMap, TemplateData, truth, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from promrules.go_templates.parse import Trees

MAX_OUTPUT = 16_000_000  # characters: a loop over a loop over a loop ends here and not with the machine's memory
_MISSING = object()


class _Jump(Exception):  # noqa: N818  # control flow of break and continue, not an error
    def __init__(self, keyword: str) -> None:
        super().__init__(keyword)
        self.keyword = keyword


def execute(trees: Trees, data: object, functions: Mapping[str, Function]) -> str:
    """Run a template on a cursor and give its output.

    Raises:
        TemplateError: `template: NAME:LINE:COLUMN: executing "NAME" at <…>: …`, as Go says it.
    """
    run = _Run(trees, functions)
    try:
        run.block(trees.root, data, [("$", data)], trees.name)
    except RecursionError:
        raise TemplateError(f"template: {trees.name}: exceeded maximum template depth (100000)") from None
    return "".join(run.out)


Scope = list[tuple[str, object]]


class _Run:
    def __init__(self, trees: Trees, functions: Mapping[str, Function]) -> None:
        self.trees = trees
        self.functions = functions
        self.out: list[str] = []
        self.size = 0
        self.node: Node = trees.root
        self.name = trees.name
        self.scope: Scope = []

    def fail(self, message: str) -> NoReturn:
        before = self.trees.text[: self.node.pos]
        line_start = before.rfind("\n") + 1
        column = len(before[line_start:].encode("utf-8", "surrogateescape"))
        where = f"{self.trees.name}:{before.count(chr(10)) + 1}:{column}"
        raise TemplateError(f"template: {where}: executing {quote(self.name)} at <{self.node}>: {message}")

    def write(self, text: str) -> None:
        self.size += len(text)
        if self.size > MAX_OUTPUT:
            self.fail(f"output exceeds {MAX_OUTPUT} characters")
        self.out.append(text)

    # Trees

    def block(self, body: nodes.Block, dot: object, scope: Scope, name: str) -> None:
        """Run a whole template with its own variables."""
        outer = self.scope, self.name
        self.scope, self.name = scope, name
        self.walk_all(body, dot)
        self.scope, self.name = outer

    def walk_all(self, body: nodes.Block, dot: object) -> None:
        for node in body.nodes:
            self.walk(node, dot)

    def walk(self, node: Node, dot: object) -> None:
        self.node = node
        match node:
            case nodes.Text():
                self.write(node.text)
            case nodes.Action():
                value = self.pipe(node.pipe, dot)
                if not node.pipe.declared:
                    self.node = node
                    self.write(printed(value))
            case nodes.Branch(keyword="range"):
                self.loop(node, dot)
            case nodes.Branch():
                self.branch(node, dot)
            case nodes.Jump():
                raise _Jump(node.keyword)
            case nodes.Call():
                self.call_template(node, dot)
            case _:
                self.fail(f"unknown node: {node}")

    def branch(self, node: nodes.Branch, dot: object) -> None:
        mark = len(self.scope)
        value = self.pipe(node.pipe, dot)
        if truth(value):
            self.walk_all(node.body, value if node.keyword == "with" else dot)
        elif node.otherwise is not None:
            self.walk_all(node.otherwise, dot)
        del self.scope[mark:]

    def loop(self, node: nodes.Branch, dot: object) -> None:
        start = len(self.scope)
        value = self.pipe(node.pipe, dot)
        mark = len(self.scope)
        declared = node.pipe.declared
        pairs: list[tuple[object, object]] | None = None
        if isinstance(value, dict):
            pairs = [(key, value[key]) for key in sorted(value)]
        elif isinstance(value, list):
            pairs = list(enumerate(value))
        elif value is None:
            pairs = []
        elif not isinstance(value, int) or isinstance(value, bool):
            self.fail(f"range can't iterate over {show(value, 'v', PLAIN)}")
        elif len(declared) > 1:
            self.fail(f"can't use {value} to iterate over more than one variable")
        count = 0
        for key, element in ((None, number) for number in range(value)) if isinstance(value, int) else pairs or ():
            count += 1
            self.bind(node.pipe, mark, key, element)
            try:
                self.walk_all(node.body, element)
            except _Jump as jump:
                if jump.keyword == "break":
                    break
            finally:
                del self.scope[mark:]
        if not count and node.otherwise is not None:
            self.walk_all(node.otherwise, dot)
        del self.scope[start:]

    def bind(self, pipe: Pipe, mark: int, key: object, element: object) -> None:
        """Give the loop variables the values of one round; a single variable gets the element."""
        names = pipe.declared
        values = [element] if len(names) == 1 else [key, element][: len(names)]
        for place, (name, value) in enumerate(zip(names, values, strict=True)):
            if pipe.assigns:
                self.assign(name, value)
            else:
                self.scope[mark - len(names) + place] = (name, value)

    def call_template(self, node: nodes.Call, dot: object) -> None:
        body = self.trees.root if node.name == self.trees.name else self.trees.named.get(node.name)
        if body is None:
            self.fail(f"template {quote(node.name)} not defined")
        value = self.pipe(node.pipe, dot) if node.pipe is not None else None
        self.block(body, value, [("$", value)], node.name)

    # Pipelines

    def pipe(self, pipe: Pipe, dot: object) -> object:
        self.node = pipe
        value: object = _MISSING
        for command in pipe.commands:
            value = self.command(command, dot, value)
        for name in pipe.declared:
            if pipe.assigns:
                self.assign(name, value)
            else:
                self.scope.append((name, value))
        return value

    def assign(self, name: str, value: object) -> None:
        for place in range(len(self.scope) - 1, -1, -1):
            if self.scope[place][0] == name:
                self.scope[place] = (name, value)
                return
        self.fail(f"undefined variable: {name}")

    def command(self, command: nodes.Command, dot: object, final: object) -> object:
        first, rest = command.args[0], command.args[1:]
        match first:
            case nodes.Field() | nodes.Chain() | nodes.Variable():
                return self.chain(first, dot, rest, final)
            case nodes.Identifier():
                return self.function(first, command, dot, rest, final)
            case Pipe():
                self.no_arguments(first, rest, final)
                return self.pipe(first, dot)
        self.node = first
        self.no_arguments(first, rest, final)
        if isinstance(first, nodes.Dot):
            return dot
        if isinstance(first, nodes.Nil):
            self.fail("nil is not a command")
        return self.constant(first)

    def no_arguments(self, first: Node, rest: tuple[Node, ...], final: object) -> None:
        if rest or final is not _MISSING:
            shown = f"({first})" if isinstance(first, Pipe) else str(first)
            self.fail(f"can't give argument to non-function {shown}")

    def constant(self, node: Node) -> object:
        self.node = node
        match node:
            case nodes.Bool():
                return node.value
            case nodes.String():
                return node.text
            case nodes.Number(complex=value) if value is not None:
                return value
            case nodes.Number(text=text):
                is_hex = text[:2].lower() == "0x" and not set(text) & set("pP")
                if text[0] != "'" and not is_hex and set(text) & set(".eEpP"):
                    return node.real
                if node.integer is not None and node.integer > MAX_INT:
                    self.fail(f"{text} overflows int")
                return node.integer
        self.fail(f"can't evaluate command {quote(str(node))}")
        return None

    def variable(self, name: str) -> object:
        for known, value in reversed(self.scope):
            if known == name:
                return value
        self.fail(f"undefined variable: {name}")
        return None

    # Fields and calls

    def chain(
        self, node: nodes.Field | nodes.Chain | nodes.Variable, dot: object, args: tuple[Node, ...], final: object
    ) -> object:
        self.node = node
        names = node.names
        receiver = dot
        if isinstance(node, nodes.Variable):
            receiver, names = self.variable(names[0]), names[1:]
            if not names:
                self.no_arguments(node, args, final)
                return receiver
        elif isinstance(node, nodes.Chain):
            if isinstance(node.node, nodes.Nil):
                self.fail(f"indirection through explicit nil in {node}")
            receiver = self.argument(node.node, dot, GoType.ANY)
        static = ""
        for name in names[:-1]:
            receiver, static = self.field(node, receiver, static, name, dot, (), _MISSING)
        return self.field(node, receiver, static, names[-1], dot, args, final)[0]

    def field(
        self, node: Node, receiver: object, static: str, name: str, dot: object, args: tuple[Node, ...], final: object
    ) -> tuple[object, str]:
        """Take one field, key or method; `static` names the declared type where that is an interface."""
        if receiver is None:
            return None, ""
        methods = METHODS.get(type(receiver), {})
        if name in methods:
            kinds, method = methods[name]
            bound = Function(tuple(OF_CLASS[kind] for kind in kinds), lambda *given: method(receiver, *given))
            return self.call(name, bound, node, dot, args, final), ""
        has_arguments = bool(args) or final is not _MISSING
        if isinstance(receiver, Sample | TemplateData) and name in receiver.__slots__:
            if has_arguments:
                self.fail(f"{name} has arguments but cannot be invoked as function")
            return getattr(receiver, name), "interface {}" if name == "Value" else ""
        if isinstance(receiver, StringMap | AnyMap):
            if has_arguments:
                self.fail(f"{name} is not a method but has arguments")
            if isinstance(receiver, StringMap):
                return receiver.get(name, ""), ""
            return receiver.get(name), "interface {}"
        self.fail(f"can't evaluate field {name} in type {static or type_name(receiver)}")
        return None

    def function(
        self, node: nodes.Identifier, shown: Node, dot: object, args: tuple[Node, ...], final: object
    ) -> object:
        self.node = node
        function = self.functions[node.name]
        if node.name in {"and", "or"}:
            return self.short_circuit(node.name, dot, args, final)
        if node.name == "call":
            callee = str(args[0]) if args else printed(final)
            function = replace(function, call=lambda value, *_: refuse_call(callee, value))
        return self.call(node.name, function, shown, dot, args, final)

    def short_circuit(self, name: str, dot: object, args: tuple[Node, ...], final: object) -> object:
        if not args and final is _MISSING:
            self.fail(f"wrong number of args for {name}: want at least 1 got 0")
        value: object = None
        for arg in args:
            value = self.argument(arg, dot, GoType.VALUE)
            if truth(value) == (name == "or"):
                return value
        return value if final is _MISSING else final

    def call(
        self, name: str, function: Function, node: Node, dot: object, args: tuple[Node, ...], final: object
    ) -> object:
        given = len(args) + (final is not _MISSING)
        fixed = len(function.parameters)
        if function.variadic is not None and given < fixed:
            self.fail(f"wrong number of args for {name}: want at least {fixed} got {len(args)}")
        if function.variadic is None and given != fixed:
            self.fail(f"wrong number of args for {name}: want {fixed} got {given}")
        kinds = [*function.parameters, *[function.variadic or GoType.ANY] * (given - fixed)]
        values = [self.argument(arg, dot, kind) for arg, kind in zip(args, kinds, strict=False)]
        if final is not _MISSING:
            values.append(self.validate(final, kinds[-1]))
        try:
            return function.call(*values)
        except TemplateError as problem:
            self.node = node
            self.fail(f"error calling {name}: {problem}")

    # Arguments

    def argument(self, node: Node, dot: object, kind: GoType) -> object:
        self.node = node
        match node:
            case nodes.Dot():
                return self.validate(dot, kind)
            case nodes.Nil():
                if kind not in NILABLE:
                    self.fail(f"cannot assign nil to {kind}")
                return zero(kind)
            case nodes.Field() | nodes.Variable() | nodes.Chain():
                return self.validate(self.chain(node, dot, (), _MISSING), kind)
            case Pipe():
                return self.validate(self.pipe(node, dot), kind)
            case nodes.Identifier():
                return self.validate(self.function(node, node, dot, (), _MISSING), kind)
        return self.literal(node, kind)

    def literal(self, node: Node, kind: GoType) -> object:
        """Take a constant as an argument of a type."""
        if kind is GoType.STRING:
            if not isinstance(node, nodes.String):
                self.fail(f"expected string; found {node}")
            return node.text
        if kind is GoType.DURATION:  # a number of nanoseconds, since its kind is an integer
            return self.fail(f"expected integer; found {node}")
        if kind not in {GoType.ANY, GoType.VALUE}:
            self.fail(f"can't handle {node} for arg of type {kind}")
        return self.constant(node)

    def validate(self, value: object, kind: GoType) -> object:
        if value is None or value is _MISSING:
            if kind not in NILABLE:
                self.fail(f"invalid value; expected {kind}")
            return zero(kind)
        if not assignable(value, kind):
            self.fail(f"wrong type for value; expected {kind}; got {type_name(value)}")
        return value
