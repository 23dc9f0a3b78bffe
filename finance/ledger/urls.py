from django.urls import path

from finance.ledger import prints
from finance.ledger.views import chart, periods, steps, vouchers, writing

app_name = "ledger"

urlpatterns = [
    path("vouchers/", vouchers.VoucherList.as_view(), name="vouchers"),
    path("vouchers/new/", writing.VoucherCreate.as_view(), name="create"),
    path("vouchers/accounts/", vouchers.accounts, name="accounts"),
    path("vouchers/capital/", vouchers.capital, name="capital"),
    path("vouchers/purchases/", writing.purchases, name="purchases"),
    path("vouchers/print/", prints.print_several, name="print_several"),
    path("vouchers/post/", steps.post_several, name="post_several"),
    path("vouchers/<int:pk>/", vouchers.VoucherDetail.as_view(), name="voucher"),
    path("vouchers/<int:pk>/edit/", writing.VoucherUpdate.as_view(), name="update"),
    path("vouchers/<int:pk>/submit/", steps.submit, name="submit"),
    path("vouchers/<int:pk>/review/", steps.review, name="review"),
    path("vouchers/<int:pk>/review-and-post/", steps.review_and_post, name="review_and_post"),
    path("vouchers/<int:pk>/send-back/", steps.SendBack.as_view(), name="send_back"),
    path("vouchers/<int:pk>/post/", steps.post, name="post"),
    path("vouchers/<int:pk>/void/", steps.void, name="void"),
    path("vouchers/<int:pk>/reverse/", steps.Reverse.as_view(), name="reverse"),
    path("vouchers/<int:pk>/correct/", writing.VoucherCorrect.as_view(), name="correct"),
    path("vouchers/<int:pk>/scan/", writing.Scan.as_view(), name="scan"),
    path("vouchers/<int:pk>/scan/<int:scan>/remove/", steps.detach, name="detach"),
    path("vouchers/<int:pk>/print/", prints.voucher_print, name="print"),
    path("accounts/", chart.Chart.as_view(), name="chart"),
    path("accounts/<int:pk>/", chart.AccountDetail.as_view(), name="account"),
    path("accounts/<int:pk>/add/", chart.AddAccount.as_view(), name="add_account"),
    path("accounts/<int:pk>/rename/", chart.RenameAccount.as_view(), name="rename_account"),
    path("accounts/<int:pk>/close/", chart.close_account, name="close_account"),
    path("accounts/<int:pk>/reopen/", chart.reopen_account, name="reopen_account"),
    path("periods/", periods.periods, name="periods"),
    path("periods/<int:pk>/close/", periods.close, name="close"),
    path("books/switch/", periods.switch, name="switch"),
    path("books/open/", periods.OpenLedger.as_view(), name="open"),
    path("books/<int:pk>/open-year/", periods.open_year, name="open_year"),
    path("books/<int:pk>/<int:year>/results/", periods.draft_results, name="draft_results"),
    path("books/<int:pk>/<int:year>/carry/", periods.carry, name="carry"),
]
