"""One small program a contestant; each runs in the environment that has what it measures."""
