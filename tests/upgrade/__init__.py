"""Stores made by earlier releases. A package of its own, so that its stores end before the next folder's tests begin."""
