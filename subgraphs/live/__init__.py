"""The live numbers of flash sales as server-sent events: an optional program beside the router, no subgraph."""
