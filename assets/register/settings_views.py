"""The school's table of useful lives, and the line between asset and consumable."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.views.generic import FormView, TemplateView

from assets.register.forms import LifeForm, ThresholdForm
from assets.register.models import AssetCategory, AssetThreshold, CategoryLife
from assets.register.shipped import official_lives
from houqin.schools.pages import AtOneSchool
from houqin.web.views import AskPermission, CreatePage


class CategoryList(AtOneSchool, AskPermission, TemplateView):
    """The categories with the lives that hold at the school; searched, by class. Not paged: the table is closed."""

    template_name = "assets/register/categories.html"
    permission = "assets.view_register"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request: Any = self.request
        school = request.acting.school
        query = request.GET.get("q", "").strip()[:60]
        group = request.GET.get("group", "")
        group = group if group in AssetCategory.Group.values else AssetCategory.Group.EQUIPMENT
        categories = AssetCategory.objects.filter(AssetCategory.matching(query)).order_by("code")
        if not query:
            categories = categories.filter(code__startswith=group)
        is_chinese = (get_language() or "zh").startswith("zh")
        own = CategoryLife.objects.holding_at(school)
        rows = [(category, own.get(category.pk)) for category in categories]
        thresholds = AssetThreshold.objects.visible_to(request.user).holding_at(school)
        return super().get_context_data(
            rows=rows,
            query=query,
            group=group,
            groups=AssetCategory.Group.choices,
            thresholds=thresholds.select_related("school").order_by("-valid_from", "kind"),
            official=[(chinese if is_chinese else english, int(years)) for chinese, english, years in official_lives()],
            may_manage=request.user.has_perm("assets.manage_register", school),
            may_renew=request.user.has_perm("assets.manage_categories", school),
            **kwargs,
        )


class CategoryLifeUpdate(AtOneSchool, AskPermission, FormView):
    """Set the school's own life of one category."""

    template_name = "assets/register/category_life.html"
    form_class = LifeForm
    permission = "assets.manage_register"

    @cached_property
    def category(self) -> AssetCategory:
        """The category; it is the nation's, so everybody's."""
        return get_object_or_404(AssetCategory, pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        request: Any = self.request
        return super().get_form_kwargs() | {
            "by": request.user,
            "school": request.acting.school,
            "category": self.category,
        }

    def form_valid(self, form: Any) -> Any:
        form.save()
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return f"{reverse('assets:register:categories')}?group={self.category.group}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(category=self.category, **kwargs)


class ThresholdCreate(AtOneSchool, CreatePage):
    """Set the school's own line."""

    template_name = "assets/register/threshold.html"
    model = AssetThreshold
    form_class = ThresholdForm
    permission = "assets.manage_register"
    action_code = "assets.set_threshold"
    success_url = reverse_lazy("assets:register:categories")
