"""Speed and memory, measured: ``python -m benchmarks`` writes RESULTS.md."""
