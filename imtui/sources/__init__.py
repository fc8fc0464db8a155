"""Events in: one file per sender, each turning its documents into signals."""
