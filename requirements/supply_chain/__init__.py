"""What the project is made of, read from its lock files: a bill of materials, and known vulnerabilities."""
