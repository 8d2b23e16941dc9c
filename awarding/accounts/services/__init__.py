"""Writes about accounts, by subject."""
