"""The accounts of a set of books as a tree; a few hundred rows, read at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from finance.ledger.models import Account, Ledger


@dataclass(slots=True)
class Node:
    """An account and those below it."""

    pk: int
    code: str
    name: str
    half: str
    category: str
    is_leaf: bool
    bound: bool
    # How many there are in its own book.
    entries: int = 0
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)

    @property
    def level(self) -> int:
        """0 for an account of the first level."""
        return 0 if self.parent is None else self.parent.level + 1

    @property
    def leaves(self) -> list["Node"]:
        """The accounts below it that are posted to; itself when it is one."""
        return [self] if not self.children else [leaf for child in self.children for leaf in child.leaves]


@dataclass(frozen=True, slots=True)
class Tree:
    """All accounts of a ledger by key, in the order of their codes."""

    nodes: dict[int, Node]

    @property
    def roots(self) -> list[Node]:
        """The accounts of the first level."""
        return [node for node in self.nodes.values() if node.parent is None]

    def in_order(self, nodes: Iterable[Node] | None = None) -> Iterable[Node]:
        """Yield each account before those below it."""
        for node in self.roots if nodes is None else nodes:
            yield node
            yield from self.in_order(node.children)

    def by_code(self, code: str) -> Node | None:
        """Return the account of a code."""
        return next((node for node in self.nodes.values() if node.code == code), None)


_FIELDS = (
    "ledger_id", "pk", "code", "name", "half", "category", "is_leaf", "bound_book", "head__position", "parent_id",
)  # fmt: skip


def trees(ledgers: Iterable[int]) -> dict[int, Tree]:
    """Return the accounts of some ledgers. One query."""
    made: dict[int, Tree] = {}
    rows = Account.objects.filter(ledger__in=list(ledgers)).order_by("ledger_id", "code").values_list(*_FIELDS)
    above: list[tuple[Node, Tree, int]] = []
    for ledger, pk, code, name, half, category, is_leaf, bound, entries, parent in rows:
        tree = made.setdefault(ledger, Tree({}))
        node = tree.nodes[pk] = Node(pk, code, name, half, category, is_leaf, bound, entries or 0)
        if parent is not None:
            above.append((node, tree, parent))
    for node, tree, parent in above:
        node.parent = tree.nodes[parent]
        node.parent.children.append(node)
    return made


def tree_of(ledger: Ledger) -> Tree:
    """Return the accounts of a ledger. One query."""
    return trees([ledger.pk]).get(ledger.pk, Tree({}))
