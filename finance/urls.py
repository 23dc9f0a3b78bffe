"""Mounts the rooms."""

from django.urls import include, path

app_name = "finance"

urlpatterns = [
    path("journals/", include("finance.journals.urls")),
    path("banks/", include("finance.banks.urls")),
    path("counts/", include("finance.counts.urls")),
    path("books/", include("finance.books.urls")),
    path("budgets/", include("finance.budgets.urls")),
    path("ledger/", include("finance.ledger.urls")),
    path("reconciliations/", include("finance.reconciliations.urls")),
    path("statements/", include("finance.statements.urls")),
    path("", include("finance.purchases.urls")),
]
