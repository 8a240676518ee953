"""The way into the supergraph: Apollo Router, its configuration, its query plans, and the playground."""
