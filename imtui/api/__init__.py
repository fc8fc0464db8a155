"""The wire: hooks for events, health and metrics, on one port."""
