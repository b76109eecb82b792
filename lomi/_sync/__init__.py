"""The synchronous client, generated from `_async`: do not edit."""
