"""The accounts that a voucher may name: found by code, by name, by pinyin, in one query for all lines."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from finance.ledger import charts
from finance.ledger.models import Account, Ledger
from houqin.errors import Refused

# As many are named when what was typed fits several.
MOST_NAMED = 4


@dataclass(slots=True)
class Accounts:
    """The open leaves of a ledger in the order of their codes."""

    ledger: Ledger
    all: list[Account] = field(init=False)
    by_code: dict[str, Account] = field(init=False)

    def __post_init__(self) -> None:
        leaves = Account.objects.filter(ledger=self.ledger, is_leaf=True, closed=False)
        self.all = list(leaves.order_by("code"))
        self.by_code = {account.code: account for account in self.all}

    def find(self, text: str) -> Account:
        """Return the account that `text` means. Raises Refused "no_account" or "several_accounts"."""
        typed = " ".join(text.split()).lower()
        code = typed.split(" ")[0]
        if code in self.by_code:
            return self.by_code[code]
        found = [account for account in self.all if typed in (account.name, account.full_name)]
        if len(found) != 1:
            found = self.like(typed)
        if len(found) == 1 or (found and _is_called(found[0], typed) and not _is_called(found[1], typed)):
            return found[0]
        if not found:
            raise Refused(
                _("No account is called %(typed)s. Write its code, its name or the initials of its name."),
                code="no_account",
                params={"typed": text.strip()},
            )
        names = "; ".join(label(account) for account in found[:MOST_NAMED])
        raise Refused(_("Which one: %(names)s?"), code="several_accounts", params={"names": names})

    def like(self, typed: str) -> list[Account]:
        """Return the accounts that fit what was typed; by the beginning of the code alone when these are digits."""
        if typed.isdecimal():
            return [account for account in self.all if account.code.startswith(typed)]
        words = typed.split()
        found = [account for account in self.all if words and all(word in account.search_text for word in words)]
        # Whose name or initials are just this comes first: 库存现金 before 库存现金-受托代理资产.
        return sorted(found, key=lambda account: not _is_called(account, typed))

    def usual(self, use: str) -> Account | None:
        """Return the account that is meant for a use, or for a code of four digits; None when no open one is there.

        A chart may be numbered otherwise than the shipped one: any account below the same four digits is taken then.
        The bank of a campus is the central school's: money from there comes over the current account between them.
        """
        code = charts.usual(use)
        found = self.below(code) or self.below(code[: charts.STANDARD])
        if found is None and code.startswith(charts.BANK):
            return next(
                (one for one in self.all if one.counterpart_id == self.ledger.school.parent_id is not None), None
            )
        return found

    def below(self, code: str) -> Account | None:
        """Return the account of a code, else the first open one below it."""
        # What is owed by people is not what is owed by schools: those accounts are asked for below alone.
        others = (one for one in self.all if one.code.startswith(code) and one.counterpart_id is None)
        return self.by_code.get(code) or next(others, None)


def _is_called(account: Account, typed: str) -> bool:
    """Say whether `typed` is the whole name, its pinyin or its initials."""
    return typed in account.search_text.split()


def label(account: Account) -> str:
    """Return an account as it stands in a field: code and full name."""
    return f"{account.code} {account.full_name}"
