"""Gathers the models of the rooms; they are imported from their rooms."""
