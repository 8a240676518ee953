"""Synthetic games files in the layout of the real one, with its distributions and its oddities."""

from etl.sample.writing import write

__all__ = ["write"]
