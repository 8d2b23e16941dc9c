"""The register's files: what their columns are called, what a row says, whose name is meant. Pure: no database."""
