"""Opens connections."""

from etl.database.connection import Connection, ConnectionParameters


def connect(parameters: ConnectionParameters) -> Connection:
    """Opens a connection. Imports only the driver that it needs, so that worker processes start fast."""
    if parameters.engine == "sqlite":
        from etl.database.sqlite import SQLiteConnection

        return SQLiteConnection(dict(parameters.arguments))
    from etl.database.mysql import MySQLConnection

    return MySQLConnection(dict(parameters.arguments))
