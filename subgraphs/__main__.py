"""`python -m subgraphs`: runs and looks after the subgraphs."""

from subgraphs.store.cli import main

if __name__ == "__main__":
    main()
