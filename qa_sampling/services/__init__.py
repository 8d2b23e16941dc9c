"""Writes of external verification."""
