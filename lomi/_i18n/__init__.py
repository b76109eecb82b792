"""The language of error messages."""
