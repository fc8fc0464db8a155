"""Reusable parts of screens. They know no database and no service."""
