"""The ledger: sets of books, charts of accounts, vouchers, and postings that nobody changes."""
