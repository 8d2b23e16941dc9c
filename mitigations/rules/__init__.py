"""Checks of claims: plain functions of facts, which answer findings. Nothing here reads the database."""
