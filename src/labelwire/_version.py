"""The version, read by the build and by `labelwire.__version__`."""

__version__ = "0.1.0"
