"""The games file: where its entries are, and what they are as rows of the catalogue."""
