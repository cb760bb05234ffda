"""Labeling configurations: reading, building, checking, results from pixels."""
