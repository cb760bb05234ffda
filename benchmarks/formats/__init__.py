"""labelwire's conversions beside the official converter: `python -m benchmarks.formats`."""
