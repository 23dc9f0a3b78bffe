"""What people read and take away of the ledger: bound books, the books of accounts, trial balances, their exports."""
