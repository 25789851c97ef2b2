"""The Regression Language Model: codec, network, decoding, checkpoints, and everything that makes one."""
