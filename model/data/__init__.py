"""Rows, splits and recipes: what the model is trained and judged on, without other people's text."""
