"""Tests of predictions from models' outputs."""
