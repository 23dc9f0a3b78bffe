"""What happens to suppliers: entered once for all schools of a tree, changed, no longer bought from."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from finance.purchases.models import Supplier
from finance.purchases.models.suppliers import tree_id
from houqin.accounts.models import User
from houqin.errors import NotAllowed
from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.schools.permissions import require
from houqin.web.trail import record_action


@transaction.atomic
def enter_supplier(supplier: Supplier, *, by: User, school: School) -> Supplier:
    """Enter a supplier for all schools of the tree of `school`."""
    require(by, "finance.manage_suppliers", school)
    supplier.school_id = tree_id(school)
    supplier.save(force_insert=True)
    record_action("finance.enter_supplier", by=by, record=supplier, school=school, detail=supplier.name)
    return supplier


@transaction.atomic
def change_supplier(supplier: Supplier, *, changes: Mapping[str, Any], by: User) -> Supplier:
    """Change what is known of a supplier, or stop buying there; whoever may at a school of the tree."""
    supplier = Supplier.objects.select_for_update().get(pk=supplier.pk)
    require_keeper(by, supplier)
    changed = {name: value for name, value in changes.items() if getattr(supplier, name) != value}
    if not changed:
        return supplier
    for name, value in changed.items():
        setattr(supplier, name, value)
    supplier.save(update_fields=list(changed))
    record_action("finance.change_supplier", by=by, record=supplier, detail=", ".join(sorted(changed)))
    return supplier


def keeps_suppliers(user: User, supplier: Supplier) -> bool:
    """Say whether `user` manages suppliers at any school of the supplier's tree."""
    access = access_of(user)
    schools = access.schools_with("finance.manage_suppliers")
    return any(tree_id(access.schools[pk]) == supplier.school_id for pk in schools)


def require_keeper(user: User, supplier: Supplier) -> None:
    """Raise NotAllowed unless `user` keeps the suppliers of this tree."""
    if not keeps_suppliers(user, supplier):
        raise NotAllowed(permission="finance.manage_suppliers")
