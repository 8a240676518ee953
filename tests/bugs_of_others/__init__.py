"""What was reported against other stores, tried here: docs/bugs-of-others.md tells each."""
