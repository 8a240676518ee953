"""Histories of what clients were answered, checked for linearizability. A package: its store ends with it."""
