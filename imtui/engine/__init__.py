"""What happens by itself: the lease, timers, the outbox, and the engine's watch over itself."""
