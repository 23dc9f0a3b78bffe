from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "finance"
    label = "finance"

    def ready(self) -> None:
        """Let each room hand down what the ground floor should know of it."""
        from finance.banks import registration as banks
        from finance.books import registration as books
        from finance.budgets import registration as budgets
        from finance.counts import registration as counts
        from finance.journals import registration as journals
        from finance.ledger import guards
        from finance.ledger import page_registration as vouchers
        from finance.ledger import registration as ledger
        from finance.purchases import order_registration as orders
        from finance.purchases import registration as purchases
        from finance.reconciliations import registration as reconciliations
        from finance.statements import registration as statements

        budgets.register()
        purchases.register()
        orders.register()
        ledger.register()
        guards.register()
        vouchers.register()
        journals.register()
        books.register()
        banks.register()
        counts.register()
        reconciliations.register()
        statements.register()
