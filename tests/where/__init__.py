"""Tests of conditions on tasks."""
