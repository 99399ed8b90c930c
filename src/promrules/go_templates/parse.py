"""Template text in, trees out: `parse(name, text, functions)` gives one tree per template it defines.

The grammar and the wording of every error are those of Go's text/template/parse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from promrules.go_templates import nodes
from promrules.go_templates.errors import TemplateError
from promrules.go_templates.lexer import Kind, Token, lex, quote
from promrules.go_templates.literals import number, unquote
from promrules.go_templates.nodes import Block, Node, Pipe

if TYPE_CHECKING:
    from collections.abc import Callable, Container

MAX_DEPTH = 100  # Go allows 10,000 nested parentheses; Python's stack does not, and no alert needs them
_OPERANDS = frozenset({
    Kind.BOOL, Kind.CHAR_CONSTANT, Kind.COMPLEX, Kind.DOT, Kind.FIELD, Kind.IDENTIFIER, Kind.NUMBER, Kind.NIL,
    Kind.RAW_STRING, Kind.STRING, Kind.VARIABLE, Kind.LEFT_PAREN,
})  # fmt: skip
_CONSTANTS = (nodes.Bool, nodes.Dot, nodes.Nil, nodes.Number, nodes.String)

_SIMPLE_TERMS: dict[Kind, Callable[[Token], Node]] = {
    Kind.IDENTIFIER: lambda token: nodes.Identifier(token.pos, token.text),
    Kind.DOT: lambda token: nodes.Dot(token.pos),
    Kind.NIL: lambda token: nodes.Nil(token.pos),
    Kind.VARIABLE: lambda token: nodes.Variable(token.pos, (token.text,)),
    Kind.FIELD: lambda token: nodes.Field(token.pos, (token.text[1:],)),
    Kind.BOOL: lambda token: nodes.Bool(token.pos, token.text == "true"),
}


@dataclass(frozen=True, slots=True)
class Trees:
    """All templates of one text: `root` is the text itself, `named` those of `define` and `block`."""

    name: str
    text: str
    root: Block
    named: dict[str, Block]


@dataclass(slots=True)
class _Scope:
    """What one tree knows while it is parsed."""

    variables: list[str] = field(default_factory=lambda: ["$"])
    ranges: int = 0
    depth: int = 0


def parse(name: str, text: str, functions: Container[str]) -> Trees:
    """Parse a template whose functions are `functions`.

    Raises:
        TemplateError: `template: NAME:LINE: …`, as Go says it.
    """
    try:
        return _Parser(name, text, functions).parse()
    except RecursionError:
        raise TemplateError(f"template: {name}:1: max expression depth exceeded") from None


def is_empty(node: Node) -> bool:
    """Tell whether a tree holds nothing but blanks; such a definition may be replaced."""
    if isinstance(node, Block):
        return all(is_empty(item) for item in node.nodes)
    return isinstance(node, nodes.Text) and not node.text.strip()


class _Parser:
    def __init__(self, name: str, text: str, functions: Container[str]) -> None:
        self.name = name
        self.text = text
        self.functions = functions
        self.tokens = lex(text)
        self.at = 0
        self.scope = _Scope()
        self.named: dict[str, Block] = {}
        self.action_line = 0

    # Tokens

    def next(self) -> Token:
        token = self.tokens[self.at]
        if self.at < len(self.tokens) - 1:
            self.at += 1
        return token

    def peek(self) -> Token:
        return self.tokens[self.at]

    def peek_solid(self) -> Token:
        while self.peek().kind is Kind.SPACE:
            self.at += 1
        return self.peek()

    def next_solid(self) -> Token:
        self.peek_solid()
        return self.next()

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        line = (token or self.tokens[max(self.at - 1, 0)]).line
        raise TemplateError(f"template: {self.name}:{line}: {message}")

    def unexpected(self, token: Token, context: str) -> NoReturn:
        if token.kind is Kind.ERROR:
            extra = ""
            if self.action_line not in (0, token.line):
                extra = f" in action started at {self.name}:{self.action_line}"
                if token.text.endswith(" action"):
                    extra = extra.removeprefix(" in action")
            self.fail(token.text + extra, token)
        self.fail(f"unexpected {token} in {context}", token)

    def expect(self, kind: Kind, context: str) -> Token:
        token = self.next_solid()
        if token.kind is not kind:
            self.unexpected(token, context)
        return token

    # Trees

    def parse(self) -> Trees:
        items: list[Node] = []
        while self.peek().kind is not Kind.EOF:
            if self.peek().kind is Kind.LEFT_DELIM:
                start = self.at
                self.next()
                token = self.next_solid()
                if token.kind is Kind.KEYWORD and token.text == "define":
                    self.definition()
                    continue
                self.at = start
            node = self.text_or_action()
            if isinstance(node, nodes.End | nodes.Else):
                self.fail(f"unexpected {node}")
            items.append(node)
        return Trees(self.name, self.text, Block(0, tuple(items)), self.named)

    def definition(self) -> None:
        name = self.template_name("define clause")[1]
        self.expect(Kind.RIGHT_DELIM, "define clause")
        self.add(name, self.sub_tree("define clause"))

    def sub_tree(self, context: str) -> Block:
        outer, self.scope = self.scope, _Scope()
        body, end = self.item_list()
        if not isinstance(end, nodes.End):
            self.fail(f"unexpected {end} in {context}")
        self.scope = outer
        return body

    def add(self, name: str, body: Block) -> None:
        known = self.named.get(name)
        if known is None or is_empty(known):
            self.named[name] = body
        elif not is_empty(body):
            self.fail(f"template: multiple definition of template {quote(name)}")

    def item_list(self) -> tuple[Block, nodes.End | nodes.Else]:
        items: list[Node] = []
        pos = self.peek_solid().pos
        while self.peek_solid().kind is not Kind.EOF:
            node = self.text_or_action()
            if isinstance(node, nodes.End | nodes.Else):
                return Block(pos, tuple(items)), node
            items.append(node)
        self.fail("unexpected EOF", self.peek())
        return None

    def text_or_action(self) -> Node:
        token = self.next_solid()
        if token.kind is Kind.TEXT:
            return nodes.Text(token.pos, token.text)
        if token.kind is not Kind.LEFT_DELIM:
            self.unexpected(token, "input")
        self.action_line = token.line
        node = self.action()
        self.action_line = 0
        return node

    def action(self) -> Node:
        token = self.peek_solid()
        if token.kind is not Kind.KEYWORD or token.text == "define":
            return nodes.Action(token.pos, self.pipeline("command", Kind.RIGHT_DELIM))
        self.next()
        keyword = token.text
        if keyword in {"break", "continue"}:
            return self.jump(token)
        if keyword in {"if", "with", "range"}:
            return self.branch(keyword)
        if keyword == "else":
            following = self.peek_solid()
            if following.kind is Kind.KEYWORD and following.text in {"if", "with"}:
                return nodes.Else(following.pos)
            return nodes.Else(self.expect(Kind.RIGHT_DELIM, "else").pos)
        if keyword == "end":
            return nodes.End(self.expect(Kind.RIGHT_DELIM, "end").pos)
        return self.block() if keyword == "block" else self.call()

    # Control

    def jump(self, token: Token) -> Node:
        following = self.next_solid()
        if following.kind is not Kind.RIGHT_DELIM:
            self.unexpected(following, f"{{{{{token.text}}}}}")
        if not self.scope.ranges:
            self.fail(f"{{{{{token.text}}}}} outside {{{{range}}}}")
        return nodes.Jump(token.pos, token.text)

    def branch(self, keyword: str) -> Node:
        visible = len(self.scope.variables)
        pipe = self.pipeline(keyword, Kind.RIGHT_DELIM)
        self.scope.ranges += keyword == "range"
        body, end = self.item_list()
        self.scope.ranges -= keyword == "range"
        otherwise = self.otherwise(keyword, end.pos) if isinstance(end, nodes.Else) else None
        del self.scope.variables[visible:]
        return nodes.Branch(pipe.pos, keyword, pipe, body, otherwise)

    def otherwise(self, keyword: str, pos: int) -> Block:
        following = self.peek()
        if following.kind is Kind.KEYWORD and following.text == keyword and keyword in {"if", "with"}:
            self.next()
            return Block(pos, (self.branch(keyword),))
        body, end = self.item_list()
        if not isinstance(end, nodes.End):
            self.fail(f"expected end; found {end}")
        return body

    def block(self) -> Node:
        token, name = self.template_name("block clause")
        pipe = self.pipeline("block clause", Kind.RIGHT_DELIM)
        self.add(name, self.sub_tree("block clause"))
        return nodes.Call(token.pos, name, quote(name), pipe)

    def call(self) -> Node:
        token, name = self.template_name("template clause")
        pipe = None
        if self.peek_solid().kind is Kind.RIGHT_DELIM:
            self.next()
        else:
            pipe = self.pipeline("template clause", Kind.RIGHT_DELIM)
        return nodes.Call(token.pos, name, quote(name), pipe)

    def template_name(self, context: str) -> tuple[Token, str]:
        token = self.next_solid()
        if token.kind not in {Kind.STRING, Kind.RAW_STRING}:
            self.unexpected(token, context)
        return token, self.literal(token)

    # Pipelines

    def pipeline(self, context: str, end: Kind) -> Pipe:
        first = self.peek_solid()
        declared, assigns = self.declarations(context)
        commands: list[nodes.Command] = []
        while True:
            token = self.peek_solid()
            if token.kind is end:
                self.next()
                break
            if token.kind not in _OPERANDS:
                self.next()
                self.unexpected(token, context)
            commands.append(self.command())
        if not commands:
            self.fail(f"missing value for {context}")
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command.args[0], _CONSTANTS):
                self.fail(f"non executable command in pipeline stage {stage}")
        return Pipe(first.pos, declared, assigns, tuple(commands))

    def declarations(self, context: str) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        while self.peek_solid().kind is Kind.VARIABLE:
            start = self.at
            name = self.next().text
            following = self.peek_solid()
            if following.kind in {Kind.ASSIGN, Kind.DECLARE}:
                self.next()
                names.append(name)
                self.scope.variables.append(name)
                return tuple(names), following.kind is Kind.ASSIGN
            if following.kind is not Kind.CHAR or following.text != ",":
                self.at = start
                break
            self.next()
            names.append(name)
            self.scope.variables.append(name)
            if context != "range" or len(names) > 1:
                self.fail(f"too many declarations in {context}")
            if self.peek_solid().kind not in {Kind.VARIABLE, Kind.RIGHT_DELIM, Kind.RIGHT_PAREN}:
                self.fail("range can only initialize variables", self.peek())
        return tuple(names), False

    def command(self) -> nodes.Command:
        pos = self.peek_solid().pos
        args: list[Node] = []
        while True:
            self.peek_solid()
            operand = self.operand()
            if operand is not None:
                args.append(operand)
            token = self.next()
            if token.kind is Kind.SPACE:
                continue
            if token.kind in {Kind.RIGHT_DELIM, Kind.RIGHT_PAREN}:
                self.at -= 1
            elif token.kind is not Kind.PIPE:
                self.unexpected(token, "operand")
            break
        if not args:
            self.fail("empty command")
        return nodes.Command(pos, tuple(args))

    def operand(self) -> Node | None:
        node = self.term()
        if node is None or self.peek().kind is not Kind.FIELD:
            return node
        pos = self.peek().pos
        names: list[str] = []
        while self.peek().kind is Kind.FIELD:
            names.append(self.next().text[1:])
        match node:
            case nodes.Field():
                return nodes.Field(pos, (*node.names, *names))
            case nodes.Variable():
                return nodes.Variable(pos, (*node.names, *names))
            case nodes.Bool() | nodes.String() | nodes.Number() | nodes.Nil() | nodes.Dot():
                self.fail(f"unexpected . after term {quote(str(node))}")
        return nodes.Chain(pos, node, tuple(names))

    def term(self) -> Node | None:
        token = self.peek_solid()
        if token.kind not in _OPERANDS:
            return None
        self.next()
        if token.kind is Kind.LEFT_PAREN:
            return self.parenthesised(token)
        if token.kind is Kind.IDENTIFIER and token.text not in self.functions:
            self.fail(f"function {quote(token.text)} not defined", token)
        if token.kind is Kind.VARIABLE and token.text not in self.scope.variables:
            self.fail(f"undefined variable {quote(token.text)}", token)
        if token.kind in _SIMPLE_TERMS:
            return _SIMPLE_TERMS[token.kind](token)
        if token.kind in {Kind.STRING, Kind.RAW_STRING}:
            return nodes.String(token.pos, token.text, self.literal(token))
        try:
            return number(token.pos, token.text, token.kind)
        except TemplateError as problem:
            self.fail(str(problem), token)

    def parenthesised(self, token: Token) -> Pipe:
        if self.scope.depth >= MAX_DEPTH:
            self.fail("max expression depth exceeded", token)
        self.scope.depth += 1
        pipe = self.pipeline("parenthesized pipeline", Kind.RIGHT_PAREN)
        self.scope.depth -= 1
        return pipe

    def literal(self, token: Token) -> str:
        try:
            return unquote(token.text)
        except TemplateError as problem:
            self.fail(str(problem), token)
