"""The screens, one module each: they show and ask; what is decided is decided in services."""
