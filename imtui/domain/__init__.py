"""The rules, pure: no input or output, no clock of their own, no database, no screen."""
