"""Which schema this program knows, light enough for the first frame."""

SCHEMA = 3
"""The version of `storage/tables.py`."""

APPLICATION_ID = 0x696D7475
"""'imtu', in the header of SQLite files."""
