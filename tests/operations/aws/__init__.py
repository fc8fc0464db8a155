"""Tests of the operations that AWS clients call."""
