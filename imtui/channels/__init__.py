"""Messages out: one file per provider behind one small protocol."""
