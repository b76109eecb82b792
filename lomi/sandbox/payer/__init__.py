"""Whoever pays: the test cards, what a payer can do, and the page where a person does it."""
