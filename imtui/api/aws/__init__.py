"""The wire: what unmodified AWS clients send and get."""
