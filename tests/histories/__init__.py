"""Checks histories of what clients were answered for linearizability. A package, so that its store ends after it."""
