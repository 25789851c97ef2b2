"""The language server: LSP on one side, chunks and predictions on the other (ARCHITECTURE.md)."""
