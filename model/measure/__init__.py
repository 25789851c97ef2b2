"""The measuring harness: what one function costs on this machine, by the reference protocol (see README.md here)."""
