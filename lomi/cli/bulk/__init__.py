"""Bulk import and export of customers, which survive a crash at any moment."""
