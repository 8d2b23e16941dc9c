"""Pages of external verification."""
