"""From source text to predictions, through two worker processes and a cache."""
