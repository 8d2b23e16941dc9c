"""Signing the declaration: each statement by itself."""

from __future__ import annotations

from django import forms

from qtag.forms.statements import StatementsForm


class SignForm(StatementsForm):
    """One box for each statement (HOC-02), and the digest of the page that was read (HOC-04)."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
