"""Which schema this program knows, light enough for the first frame."""

SCHEMA = 5
"""The version of `storage/tables.py` and `storage/tables_oncall.py`."""

APPLICATION_ID = 0x696D7475
"""'imtu', in the header of SQLite files."""
