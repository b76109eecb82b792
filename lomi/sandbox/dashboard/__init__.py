"""The page of a served sandbox."""
