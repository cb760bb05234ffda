"""Tests of the app that receives events."""
