"""The errors of a whole command. A single bad entry is no error but a `Reject`."""


class EtlError(Exception):
    """The base class. Its message is for the person who started the command."""


class FileError(EtlError):
    """The file is not a games file. `byte` is the offset, from 0, at which this shows."""

    def __init__(self, byte: int, message: str) -> None:
        super().__init__(byte, message)
        self.byte = byte
        self.message = message

    def __str__(self) -> str:
        return f"byte {self.byte:,}: {self.message}"


class StrictError(EtlError):
    """A strict load found bad entries, and wrote nothing."""


class CatalogueError(EtlError):
    """The database is missing, another load is writing to it, or it did not store rows as given."""
