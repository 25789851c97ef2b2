"""The command line's work: from paths to a report."""
