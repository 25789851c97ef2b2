"""One folder a language: how its files are recognised and cut into functions (README.md)."""
