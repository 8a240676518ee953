"""Own writes. A package of its own, so that its store ends before the next folder's tests begin."""
