"""The statements of a school: balance sheet, income and expense, budget income and expenditure."""
