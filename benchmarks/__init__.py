"""How fast the client is, next to others: ``python -m benchmarks``."""
