"""Forms that a report can take; each module has ``lines``."""
