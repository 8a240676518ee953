"""What can go wrong as a whole. A single bad entry is no error: it is a `Reject`."""


class EtlError(Exception):
    """The base: its message is for the person who started the command."""


class FileError(EtlError):
    """The file is not a games file; `byte` is the offset (from 0) at which that shows."""

    def __init__(self, byte: int, message: str) -> None:
        super().__init__(byte, message)
        self.byte = byte
        self.message = message

    def __str__(self) -> str:
        return f"byte {self.byte:,}: {self.message}"


class StrictError(EtlError):
    """The file has rejects, and the load was asked to be strict: nothing was written."""


class TargetError(EtlError):
    """The database cannot take the load: another one is running, or it answers in an unexpected way."""
