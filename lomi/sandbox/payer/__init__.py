"""Whoever pays: the test cards, and what a payer can do."""
