"""The pages after approval: orders, deliveries, suppliers, what is printed."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from finance.purchases import order_forms as forms
from finance.purchases import order_page
from finance.purchases.models import OPEN_ORDERS, OrderState, PurchaseOrder, PurchaseRequest, Supplier
from finance.purchases.supplier_actions import require_keeper
from houqin.schools.pages import AtOneSchool
from houqin.schools.permissions import require
from houqin.web.paging import Sort
from houqin.web.views import Chip, CreatePage, DetailPage, ListPage, UpdatePage, any_of
from houqin.web.widgets import options

Text = str | Promise


def _late(orders: Any, _user: Any) -> QuerySet[Any]:
    return orders.late()


def _mine(orders: Any, user: Any) -> QuerySet[Any]:
    return orders.open().filter(buyer=user)


class OrderList(ListPage):
    """Orders: what is to come, what is late, what came."""

    model = PurchaseOrder
    template_name = "finance/purchases/orders.html"
    permission = "finance.view_orders"
    sorts: ClassVar[dict[str, Sort]] = {"newest": Sort("ordered_on")}
    default_sort = "newest"
    default_chip = "open"
    search_hint = _("Number, thing, supplier, buyer, or pinyin initials")
    chips = (
        Chip("open", _("to come"), any_of(state__in=OPEN_ORDERS)),
        Chip("late", _("late"), _late, red=True),
        Chip("mine", _("bought by me"), _mine),
        *(Chip(state.value, state.label, any_of(state=state.value)) for state in list(OrderState)[2:]),
    )

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.values(*order_page.ROW_VALUES)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        all_schools = self.request.acting.school is None  # type: ignore[attr-defined]  # a PageRequest
        return context | {"rows": order_page.ready(context["rows"]), "all_schools": all_schools}


class OrderDetail(DetailPage):
    """An order: who buys what where, what came, what is still to come."""

    model = PurchaseOrder
    template_name = "finance/purchases/order.html"
    context_object_name = "order"

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("school", "request__requester", "request__school", "supplier", "buyer", "ordered_by")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(**order_page.order_context(self.object, user), **kwargs)


class _FormAbout(CreatePage):
    """A form about one request or order, whose `save()` calls the action; strangers get 404."""

    is_about_one_record = True
    about_model: ClassVar[type[Model]]
    title: ClassVar[Text]
    button: ClassVar[Text]
    tone: ClassVar[str] = "primary"
    done: ClassVar[Text]
    template_name = "finance/purchases/order_step.html"

    @cached_property
    def about(self) -> Any:
        """The record that the form is about."""
        rows: Any = self.about_model.objects  # type: ignore[attr-defined]
        return get_object_or_404(rows.visible_to(self.request.user).select_related("school"), pk=self.kwargs["pk"])

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.user, str(self.permission), self.about)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"about": self.about, "school": self.about.school}
        kwargs.pop("instance", None)
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"about": self.about, "title": self.title, "button": self.button, "tone": self.tone}
        return super().get_context_data(**shown, **kwargs)

    def get_success_url(self) -> str:
        messages.success(self.request, str(self.done))
        return str(self.about.get_absolute_url())


class OrderCreate(_FormAbout):
    """Order lines of an approved request."""

    about_model = PurchaseRequest
    permission = "finance.order_purchase"
    action_code = "finance.order_purchase"
    form_class = forms.OrderForm
    template_name = "finance/purchases/order_create.html"
    title = _("Order from a supplier")
    button = _("Place the order")
    done = _("Ordered. Print the order and give it to the supplier.")

    def get_success_url(self) -> str:
        super().get_success_url()
        return str(self.object.get_absolute_url())


class Receive(_FormAbout):
    """Count a delivery."""

    about_model = PurchaseOrder
    permission = "finance.receive_delivery"
    action_code = "finance.receive_delivery"
    form_class = forms.ReceiveForm
    template_name = "finance/purchases/receive.html"
    title = _("Count what came")
    button = _("Counted, take it in")
    done = _("Counted. Equipment is on the register now.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(hindrance=order_page.receiving_hindrance(self.about, user), **kwargs)


class Cancel(_FormAbout):
    """Cancel an order of which nothing came."""

    about_model = PurchaseOrder
    permission = "finance.order_purchase"
    action_code = "finance.cancel_order"
    form_class = forms.CancelForm
    title = _("Cancel the order")
    button = _("Cancel the order")
    tone = "refuse"
    done = _("Cancelled. Its lines can be ordered elsewhere.")


class Close(_FormAbout):
    """Close an order whose rest does not come."""

    about_model = PurchaseOrder
    permission = "finance.order_purchase"
    action_code = "finance.close_order"
    form_class = forms.CloseForm
    title = _("Close the order without the rest")
    button = _("Close")
    tone = "refuse"
    done = _("Closed. The money for what did not come is free again.")


class ClosePurchase(_FormAbout):
    """Close a purchase of which nothing more is bought."""

    about_model = PurchaseRequest
    permission = "finance.order_purchase"
    action_code = "finance.close_purchase"
    form_class = forms.ClosePurchaseForm
    title = _("Buy nothing more of this request")
    button = _("Close")
    tone = "refuse"
    done = _("Closed. The money that is left is free again.")


class SupplierList(ListPage):
    """The suppliers of the tree of schools."""

    model = Supplier
    template_name = "finance/purchases/suppliers.html"
    permission = "finance.view_suppliers"
    sorts: ClassVar[dict[str, Sort]] = {"name": Sort("name_pinyin", descending=False)}
    default_sort = "name"
    default_chip = "active"
    search_hint = _("Name, contact, phone, or pinyin initials")
    chips = (
        Chip("active", _("bought from"), any_of(is_active=True)),
        Chip("former", _("not any more"), any_of(is_active=False)),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        may_manage = request.user.has_perm("finance.manage_suppliers", request.acting.school)
        return super().get_context_data(may_manage=may_manage, **kwargs)


class SupplierCreate(AtOneSchool, CreatePage):
    """Enter a supplier."""

    model = Supplier
    form_class = forms.SupplierForm
    permission = "finance.manage_suppliers"
    action_code = "finance.enter_supplier"
    template_name = "finance/purchases/supplier.html"

    def get_success_url(self) -> str:
        messages.success(self.request, str(_("Entered. All schools of the central school can order there.")))
        return reverse("finance:purchases:suppliers")


class SupplierUpdate(UpdatePage):
    """Change what is known of a supplier."""

    model = Supplier
    form_class = forms.SupplierChangeForm
    action_code = "finance.change_supplier"
    template_name = "finance/purchases/supplier.html"
    context_object_name = "supplier"

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        supplier = super().get_object(queryset)
        require_keeper(self.request.user, supplier)  # type: ignore[arg-type]  # login is required by middleware
        return supplier

    def get_success_url(self) -> str:
        messages.success(self.request, str(_("Saved.")))
        return reverse("finance:purchases:suppliers")


@require_safe
def supplier_options(request: Any) -> HttpResponse:
    """Answer the type-ahead of the order form."""
    require(request.user, "finance.order_purchase", request.acting.school)
    rows = Supplier.objects.visible_to(request.user).at(request.acting.school).active().order_by("name_pinyin")
    return options(request, rows, facts=lambda supplier: [supplier.contact, supplier.phone])
