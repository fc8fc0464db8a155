"""Which schema this program knows, light enough for the first frame."""

SCHEMA = 6
"""The version of `storage/tables.py`, `storage/tables_oncall.py` and `storage/tables_access.py`."""

APPLICATION_ID = 0x696D7475
"""'imtu', in the header of SQLite files."""
