"""Synthetic games files in the format of the real one, with its distributions and oddities."""

from etl.sample.writing import write

__all__ = ["write"]
