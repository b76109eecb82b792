"""What is logged, traced and reported to hooks."""
