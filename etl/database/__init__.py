"""Writing rows to SQLite, MySQL and MariaDB with the plain drivers."""
