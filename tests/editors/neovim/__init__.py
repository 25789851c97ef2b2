"""The client for Neovim in the real Neovim, headless and in a terminal."""
