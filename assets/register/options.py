"""What the type-ahead fields of the register offer while one types."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from assets.register.models import AssetCategory
from houqin.accounts.models import User
from houqin.schools.http import PageRequest
from houqin.schools.people import people_with
from houqin.schools.permissions import require
from houqin.web import widgets


@require_GET
def category_options(request: PageRequest) -> HttpResponse:
    """Offer categories whose code, name or pinyin initials hold what was typed."""
    require(request.user, "assets.view_register", request.acting.school)
    return widgets.options(
        request,
        AssetCategory.objects.registrable(),
        match=AssetCategory.matching,
        facts=lambda category: (category.unit,),
    )


@require_GET
def keeper_options(request: PageRequest) -> HttpResponse:
    """Offer the people of the acting school."""
    school = request.acting.school
    require(request.user, "assets.manage_register", school)
    people = people_with("schools.view_school", school, include_central=True) if school else User.objects.none()
    return widgets.options(request, people, facts=lambda person: (person.staff_number,))
