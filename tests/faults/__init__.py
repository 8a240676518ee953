"""Fault injection. A package, so that its store stops before the next folder's tests start."""
