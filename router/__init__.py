"""The gateway to the supergraph: Apollo Router with its configuration and query plans, and the playground."""
