"""Draw the rows of a long list without asking the template engine once a cell.

A page of fifty rows has hundreds of cells, and resolving a variable costs far more than printing it. `{% eachrow %}`
reads its body once a page and then only joins strings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape  # Django's also looks for lazy texts, which takes longer than escaping
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token, Variable, VariableNode
from django.template.defaulttags import IfNode, TemplateLiteral
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# HTML lets some ends and the quotes of plain values be left out: four kilobytes of a page of fifty.
OPTIONAL_ENDS = re.compile(r"</(td|tr|li|option)>\s*")
PLAIN_VALUE = re.compile(r'(<[^<>]*? [a-z-]+=)"([a-z][\w-]*)"(?=[ >])')
SPECIAL = re.compile("[&<>\"']")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of the row, escaped unless it is safe."""

    key: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What is drawn when a value of the row is true, and what otherwise."""

    key: str
    then: "Plan"
    otherwise: "Plan"


Plan = list[str | Cell | Choice]


class Drawing:
    """Draws rows by a plan; those whose choices turn out alike share one format with the values left open."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._asked = list(dict.fromkeys(_asked(plan)))
        self._formats: dict[tuple[bool, ...], tuple[str, list[str]]] = {}

    def __call__(self, row: Row) -> str:
        """Return one row."""
        outcome = tuple([not row[key] for key in self._asked])
        if outcome not in self._formats:
            self._formats[outcome] = self._format(row)
        text, keys = self._formats[outcome]
        return text % tuple([_printed(row[key]) for key in keys])

    def _format(self, row: Row) -> tuple[str, list[str]]:
        texts: list[str] = []
        keys: list[str] = []
        for part in _chosen(self._plan, row):
            texts.append(part.replace("%", "%%") if isinstance(part, str) else "%s")
            if isinstance(part, Cell):
                keys.append(part.key)
        return "".join(texts), keys


def _asked(plan: Plan) -> Iterator[str]:
    """Yield the values that the choices of a plan ask for."""
    for part in plan:
        if isinstance(part, Choice):
            yield part.key
            yield from _asked(part.then)
            yield from _asked(part.otherwise)


def _chosen(plan: Plan, row: Row) -> Iterator[str | Cell]:
    """Yield texts and cells as the row's choices turn out."""
    for part in plan:
        if isinstance(part, Choice):
            yield from _chosen(part.then if row[part.key] else part.otherwise, row)
        else:
            yield part


def _printed(value: Any) -> str:
    """Return a value as it stands in the page; few hold anything to escape, so looking first is cheaper."""
    if isinstance(value, SafeString):
        return value
    text = str(value)
    return escape(text) if SPECIAL.search(text) else text


class EachRow(Node):
    """A loop over mappings whose body names their values, texts, and things that are the same for all rows."""

    def __init__(self, name: str, rows: FilterExpression, body: NodeList) -> None:
        self.name = name
        self.rows = rows
        self.body = body
        self.is_fixed = False
        self._fixed: Drawing | None = None

    def render(self, context: template.Context) -> SafeString:
        drawn = self._fixed or Drawing(self._plan(self.body, context))
        if self.is_fixed:
            self._fixed = drawn
        rows: Iterable[Row] = self.rows.resolve(context)
        return mark_safe("".join([drawn(row) for row in rows]))

    def _plan(self, nodes: Iterable[Node], context: template.Context) -> Plan:
        """Draw what is the same for all rows; keep what differs as cells and choices."""
        plan: Plan = []
        for node in nodes:
            if isinstance(node, VariableNode) and (key := self._key(node.filter_expression)):
                plan.append(Cell(key))
            elif isinstance(node, IfNode):
                plan += self._branches(list(node.conditions_nodelists), context)
            else:
                plan.append(str(node.render_annotated(context)))
        return plan

    def _branches(self, branches: list[tuple[Any, NodeList]], context: template.Context) -> Plan:
        """Decide what the page decides; leave what the row decides."""
        if not branches:
            return []
        (condition, nodes), *rest = branches
        if key := self._asked(condition):
            return [Choice(key, self._plan(nodes, context), self._branches(rest, context))]
        if condition is None or condition.eval(context):
            return self._plan(nodes, context)
        return self._branches(rest, context)

    def settle(self) -> None:
        """Make the body ready: short, without other uses of the row, and read once if no page can change it."""
        self._refuse_other_uses()
        texts: list[Any] = self.body.get_nodes_by_type(TextNode)
        for text in texts:
            text.s = _shortened(text.s)
        self.is_fixed = all(map(self._is_of_the_row, self.body.get_nodes_by_type(Node)))

    def _is_of_the_row(self, node: Node) -> bool:
        """Say whether a node is text or asks for nothing but the row."""
        if isinstance(node, IfNode):
            return all(condition is None or self._asked(condition) for condition, _nodes in node.conditions_nodelists)
        if isinstance(node, VariableNode):
            return bool(self._key(node.filter_expression))
        return isinstance(node, TextNode)

    def _refuse_other_uses(self) -> None:
        """Raise where the row is mentioned in a way that is not drawn row by row."""
        for node in self.body.get_nodes_by_type(Node):
            if isinstance(node, VariableNode):
                self._key(node.filter_expression)
            elif isinstance(node, IfNode):
                for condition, _nodes in node.conditions_nodelists:
                    if not self._asked(condition):
                        self._refuse(repr(condition))
            elif not isinstance(node, TextNode) and node.token is not None:
                self._refuse(node.token.contents)

    def _refuse(self, words: str) -> None:
        if f"{self.name}." in words:
            raise template.TemplateSyntaxError(f"{words}: rows hold values that are ready to print and plain to ask")

    def _asked(self, condition: Any) -> str:
        """Return which value of the row a condition asks for, empty when it asks something else."""
        expression: Any = condition.value if isinstance(condition, TemplateLiteral) else None
        return self._key(expression) if expression is not None else ""

    def _key(self, expression: FilterExpression) -> str:
        """Return which value of the row an expression names, empty when it names none."""
        lookups = expression.var.lookups if isinstance(expression.var, Variable) else None
        if not lookups or lookups[0] != self.name:
            return ""
        if len(lookups) != 2 or expression.filters:
            raise template.TemplateSyntaxError(f"{expression.token}: rows hold strings that are ready to print")
        return str(lookups[1])


def _shortened(text: str) -> str:
    """Return a text without what HTML can do without."""
    text = OPTIONAL_ENDS.sub("", text)
    while (shorter := PLAIN_VALUE.sub(r"\1\2", text)) != text:
        text = shorter
    return text


@register.tag
def eachrow(parser: Parser, token: Token) -> EachRow:
    """Draw the body once a row: `{% eachrow repair in rows %}<tr><td>{{ repair.number }}...{% endeachrow %}`.

    Each row is a mapping of values that are ready to print. The body may hold text, `{{ repair.key }}` without filters,
    `{% if repair.key %}` (alone in its condition), and anything that does not mention the row.
    """
    try:
        _tag, name, word, rows = token.split_contents()
    except ValueError:
        word = ""
    if word != "in":
        raise template.TemplateSyntaxError("Write {% eachrow name in rows %}.")
    body = parser.parse(("endeachrow",))
    parser.delete_first_token()
    node = EachRow(name, parser.compile_filter(rows), body)
    node.settle()
    return node
