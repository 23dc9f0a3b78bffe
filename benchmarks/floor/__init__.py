"""The floor: what Django itself costs for a list, a record and a form; everything above it is ours."""
