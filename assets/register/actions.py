"""What happens to asset cards: registering, changing, moving, splitting; and the school's own table of lives."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assets.register.extras import check_extra
from assets.register.models import AssetCard, AssetCategory, AssetThreshold, CategoryLife
from houqin.errors import Refused, WrongState
from houqin.schools.access import access_of
from houqin.schools.models import Place, School
from houqin.schools.numbers import next_number
from houqin.schools.permissions import require
from houqin.web.trail import record_action

NUMBER_PREFIX = "ZC"
# Above this a figure was mistyped; the column could not hold much more.
MOST = Decimal("99999999999.99")
# No school owns anything older; an earlier year was mistyped.
EARLIEST = date(1840, 1, 1)
# A change of these changes the books, so the reason is kept.
VALUE_FIELDS = frozenset({"quantity", "unit_price", "value_type", "useful_life_years", "acquired_on", "booked_on"})
# Whether there is a useful life at all hangs on these; the table of categories may have changed since.
DEPRECIATED_BY = frozenset({"category", "value_type", "useful_life_years"})


@transaction.atomic
def register_asset(card: AssetCard, *, by: Any) -> AssetCard:
    """Put a new card on the register of its school; an empty number and an empty life are filled in."""
    require(by, "assets.manage_register", card.school)
    return _enter(card, by=by)


@transaction.atomic
def take_in(card: AssetCard, *, by: Any) -> AssetCard:
    """Put a thing, or the first part of a lot, on the register as it arrives; whoever counts deliveries may."""
    require(by, "assets.take_in", card.school)
    return _enter(card, by=by)


def _enter(card: AssetCard, *, by: Any) -> AssetCard:
    check_card(card)
    _check_place(card)
    _check_keeper(card)
    if card.useful_life_years is None:
        card.useful_life_years = usual_life(card.category, CategoryLife.objects.holding_at(card.school))
    if card.value_type == AssetCard.ValueType.NOMINAL or not card.category.is_depreciable:
        card.useful_life_years = None
    if not card.number:
        card.number = next_number(card.school, NUMBER_PREFIX, at=timezone.now())
    card.save(force_insert=True)
    record_action("assets.register_asset", by=by, record=card)
    return card


@transaction.atomic
def add_to_lot(card: AssetCard, *, quantity: int, by: Any, reason: str) -> AssetCard:
    """Let a lot grow by what arrived later of the same order, so that it stays one card.

    Raises WrongState "disposed", Refused "quantity_out_of_range".
    """
    card = _locked(card)
    require(by, "assets.take_in", card)
    _on_register(card)
    if quantity < 1:
        raise Refused(_("Add at least 1."), code="quantity_out_of_range", field="quantity")
    card.quantity += quantity
    check_card(card)
    card.save(update_fields=["quantity"])
    record_action("assets.add_to_lot", by=by, record=card, detail=f"+{quantity}; {reason}")
    return card


@transaction.atomic
def change_asset(card: AssetCard, *, changes: Mapping[str, Any], by: Any, reason: str = "") -> AssetCard:
    """Change facts of a card; what changes its value or life needs a reason."""
    card = _locked(card)
    require(by, "assets.manage_register", card)
    _on_register(card)
    changed = {name: value for name, value in changes.items() if getattr(card, name) != value}
    if not changed:
        return card
    reason = reason.strip()
    if VALUE_FIELDS & changed.keys() and not reason:
        raise Refused(
            _("This changes the value in the books. Write why, for example a wrong entry or a rebuilding."),
            code="reason_missing",
            field="reason",
        )
    for name, value in changed.items():
        setattr(card, name, value)
    check_card(card)
    is_free_of_it = card.value_type == AssetCard.ValueType.NOMINAL or not card.category.is_depreciable
    if is_free_of_it and DEPRECIATED_BY & changed.keys():
        card.useful_life_years = None
    card.save(update_fields=[*changed, "useful_life_years"])
    record_action("assets.change_asset", by=by, record=card, detail=reason)
    return card


@transaction.atomic
def move_asset(
    card: AssetCard,
    *,
    place: Place | None,
    keeper: Any,
    by: Any,
    department: str | None = None,
    used_by: str | None = None,
) -> AssetCard:
    """Note where a thing stands now and who keeps it."""
    card = _locked(card)
    require(by, "assets.manage_register", card)
    _on_register(card)
    before = (card.place_shown, card.keeper_shown)
    is_other_place, is_other_keeper = place != card.place, keeper != card.keeper
    card.place, card.keeper = place, keeper
    if place is not None:
        card.place_text = ""
    if keeper is not None:
        card.keeper_text = ""
    if department is not None:
        card.department = department
    if used_by is not None:
        card.used_by = used_by
    # What stays may be out of date; only what is new is asked for.
    if is_other_place:
        _check_place(card)
    if is_other_keeper:
        _check_keeper(card)
    card.save(update_fields=["place", "place_text", "keeper", "keeper_text", "department", "used_by"])
    after = (card.place_shown, card.keeper_shown)
    steps = [f"{old or '-'} → {new or '-'}" for old, new in zip(before, after, strict=True) if old != new]
    record_action("assets.move_asset", by=by, record=card, detail="; ".join(steps))
    return card


@transaction.atomic
def hand_over(card: AssetCard, *, to: Any, by: Any) -> AssetCard:
    """Give what a leaver keeps to somebody else; asked of who lets people leave, not of who keeps the register."""
    card = _locked(card)
    require(by, "schools.manage_people", card)
    _on_register(card)
    before = card.keeper_shown
    card.keeper, card.keeper_text = to, ""
    _check_keeper(card)
    card.save(update_fields=["keeper", "keeper_text"])
    record_action("assets.move_asset", by=by, record=card, detail=f"{before or '-'} → {card.keeper_shown}")
    return card


@transaction.atomic
def set_use_status(card: AssetCard, *, status: str, by: Any, note: str = "") -> AssetCard:
    """Say how a thing is used now; taking it off the register is a disposal, not a status."""
    card = _locked(card)
    require(by, "assets.manage_register", card)
    _on_register(card)
    if status not in AssetCard.UseStatus.values or status == AssetCard.UseStatus.DISPOSED:
        raise Refused(_("Choose one of the states shown."), code="status_unknown", field="status")
    if status == card.use_status:
        raise WrongState(_("It already has this state."), code="same_status", field="status")
    card.use_status = status
    card.save(update_fields=["use_status"])
    record_action("assets.set_use_status", by=by, record=card, detail=note.strip() or status)
    return card


@transaction.atomic
def split_lot(card: AssetCard, *, quantity: int, by: Any) -> AssetCard:
    """Make a card of its own from part of a lot and return it; both cards together cost what the lot cost."""
    card = _locked(card)
    require(by, "assets.manage_register", card)
    _on_register(card)
    if not card.is_lot:
        raise Refused(_("There is only one of it, so nothing can be split off."), code="not_a_lot")
    if not 0 < quantity < card.quantity:
        raise Refused(
            _("Split off between 1 and %(most)s."),
            code="quantity_out_of_range",
            field="quantity",
            params={"most": card.quantity - 1},
        )
    card.quantity -= quantity
    card.save(update_fields=["quantity"])
    part = AssetCard.objects.get(pk=card.pk)
    part.pk = None
    part._state.adding = True
    part.token = AssetCard._meta.get_field("token").get_default()
    part.number = next_number(card.school, NUMBER_PREFIX, at=timezone.now())
    part.quantity = quantity
    # A serial number names one thing; which of the two has it, a person must look.
    part.serial_number = ""
    part.split_from = card
    part.save(force_insert=True)
    record_action("assets.split_lot", by=by, record=card, detail=f"{part.number}: {quantity}")
    return part


@transaction.atomic
def set_photo(card: AssetCard, *, photo: Any, by: Any) -> AssetCard:
    """Show `photo` (a stored file of the school) on the card."""
    card = _locked(card)
    require(by, "assets.manage_register", card)
    _on_register(card)
    card.photo = photo
    card.save(update_fields=["photo"])
    record_action("assets.set_photo", by=by, record=card)
    return card


@transaction.atomic
def match_places(school: School, *, by: Any) -> int:
    """Give cards whose place is only known as written the place of that full name; return how many found one."""
    require(by, "assets.manage_register", school)
    places = {place.full_name: place for place in Place.objects.filter(school=school).open()}
    cards = AssetCard.objects.filter(school=school, place_text__in=places).select_for_update(of=("self",))
    found = list(cards.select_related("keeper").order_by("pk"))
    for card in found:
        card.place, card.place_text = places[card.place_text], ""
        card.write_search()
    AssetCard.objects.bulk_update(found, ["place", "place_text", "search_text"], batch_size=500)
    if found:
        record_action("assets.match_places", by=by, school=school, detail=str(len(found)))
    return len(found)


@transaction.atomic
def set_category_life(category: AssetCategory, *, school: School, years: int | None, by: Any) -> CategoryLife | None:
    """Set the school's own useful life of a category for cards to come; None goes back to the table's."""
    require(by, "assets.manage_register", school)
    School.objects.select_for_update().get(pk=school.pk)
    life = CategoryLife.objects.filter(school=school, category=category).first()
    if years is None:
        if life is not None:
            life.delete()
        life = None
    elif life is None:
        life = CategoryLife.objects.create(school=school, category=category, years=years)
    else:
        life.years = years
        life.save(update_fields=["years"])
    record_action("assets.set_category_life", by=by, school=school, detail=f"{category.code}: {years or '-'}")
    return life


@transaction.atomic
def set_threshold(*, school: School, kind: str, valid_from: date, amount: Decimal, by: Any) -> AssetThreshold:
    """Set from which unit price a thing is a fixed asset at `school`, since a day."""
    require(by, "assets.manage_register", school)
    line = AssetThreshold.objects.create(school=school, kind=kind, valid_from=valid_from, amount=amount)
    record_action("assets.set_threshold", by=by, school=school, detail=str(line))
    return line


def require_category_table(school: School, *, by: Any) -> None:
    """Raise Refused "central_only" unless `by` manages the categories at the school above all of `school`'s."""
    top = School.objects.get(pk=school.ancestor_ids[0]) if school.ancestor_ids else school
    if not by.has_perm("assets.manage_categories", top):
        raise Refused(
            _("The table of categories is the same for all schools. Ask the central school's officer."),
            code="central_only",
        )


@transaction.atomic
def renew_categories(entries: Sequence[Mapping[str, Any]], *, school: School, by: Any) -> int:
    """Bring `entries` over the table that all schools share; return how many there are.

    An entry has "code" and "name_zh" and may have more fields; what it leaves open stays, in a new category it is
    as in the class above. Raises Refused "central_only".
    """
    require_category_table(school, by=by)
    known = {category.code: category for category in AssetCategory.objects.select_for_update().order_by("code")}
    for entry in sorted(entries, key=lambda entry: entry["code"]):
        code = entry["code"]
        category = known.get(code) or AssetCategory.below(code, known)
        for name in ("name_zh", "unit", "is_depreciable", "useful_life_years", "kind", "note"):
            if entry.get(name) is not None:
                setattr(category, name, entry[name])
        if not category.is_depreciable:
            category.useful_life_years = None
        category.is_verified = True
        category.write_search()
        category.save()
        known[code] = category
    record_action("assets.renew_categories", by=by, school=school, detail=str(len(entries)))
    return len(entries)


def check_card(card: AssetCard) -> None:
    """Refuse what no card may say; the database holds the rest of the rules. Imports ask this for every row."""
    if card.acquired_on > timezone.localdate():
        raise Refused(
            _("The acquisition date lies in the future. Enter the day the thing came."),
            code="acquired_in_future",
            field="acquired_on",
        )
    if card.acquired_on < EARLIEST:
        raise Refused(
            _("The acquisition date cannot be right. Write the year with four digits."),
            code="acquired_too_early",
            field="acquired_on",
        )
    if card.booked_on is not None and not EARLIEST <= card.booked_on <= timezone.localdate():
        raise Refused(
            _("The day of booking lies in the future, or long ago. Enter the day that stands in the books."),
            code="booked_out_of_range",
            field="booked_on",
        )
    if card.category.kind == AssetCategory.Kind.NOT_FIXED_ASSET:
        raise Refused(
            _("This category holds goods that are used up, not fixed assets. Choose another one."),
            code="category_not_registered",
            field="category",
        )
    if card.quantity * card.unit_price > MOST:
        raise Refused(
            _("This amount is too large. Check quantity and price."), code="cost_too_large", field="unit_price"
        )
    card.extra = check_extra(card.category, card.extra)


def usual_life(category: AssetCategory, own_lives: Mapping[int, int]) -> int | None:
    """Return the useful life of a new card: the school's own, else the table's; None when not depreciated."""
    if not category.is_depreciable:
        return None
    return own_lives.get(category.pk, category.useful_life_years)


def _check_place(card: AssetCard) -> None:
    if card.place is not None and card.place.school_id != card.school_id:
        raise Refused(_("This place belongs to another school."), code="place_elsewhere", field="place")


def _check_keeper(card: AssetCard) -> None:
    if card.keeper is not None and card.keeper_id is not None and not _works_at(card.keeper, card.school_id):
        raise Refused(
            _("%(name)s does not work at this school today. Choose somebody who does."),
            code="keeper_elsewhere",
            field="keeper",
            params={"name": card.keeper},
        )


def _works_at(person: Any, school_id: int) -> bool:
    return school_id in access_of(person).roles


def _locked(card: AssetCard) -> AssetCard:
    """Return the card as it is now, locked until the transaction ends."""
    cards = AssetCard.objects.select_for_update(of=("self",)).select_related("school", "category", "place", "keeper")
    return cards.get(pk=card.pk)


def _on_register(card: AssetCard) -> None:
    if card.use_status == AssetCard.UseStatus.DISPOSED:
        raise WrongState(_("This card is closed: the thing was disposed of."), code="disposed")
