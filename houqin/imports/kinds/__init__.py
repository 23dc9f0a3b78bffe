"""The imports of the floors below, which cannot register them here themselves."""
