"""The answer checks, measured: `python -m benchmarks.answers`."""
