"""Which schema this program knows, light enough for the first frame."""

SCHEMA = 6
"""The version of `storage/tables.py` and the `storage/tables_…` beside it."""

APPLICATION_ID = 0x696D7475
"""'imtu', in the header of SQLite files."""
