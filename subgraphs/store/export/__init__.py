"""`python -m subgraphs export`: all that the store keeps of a person, as JSON."""
