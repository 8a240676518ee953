"""Upgrades from earlier releases. A package, so that its stores stop before the next folder's tests start."""
