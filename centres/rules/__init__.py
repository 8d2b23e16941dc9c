"""Checks of centres, learners and registrations: plain functions without a database."""
