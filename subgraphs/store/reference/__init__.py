"""Writes docs/reference/ from the code."""
