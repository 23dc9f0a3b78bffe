"""What a page, a search, a form and an export cost, beside a floor measured in the same run. Run by hand."""
