"""Putting bytes into the private storage."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from awarding.accounts.standing import Actor
from awarding.files.models import StoredFile
from awarding.tenancy.scope import current_ao

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells one content from another: SHA-256 in hexadecimal, and the size in bytes."""

    sha256: str
    size: int


def fingerprint(content: bytes | IO[bytes] | File) -> Fingerprint:
    """The fingerprint of bytes that are not stored yet. A file is left at its start."""
    source: File = ContentFile(content) if isinstance(content, bytes) else File(content)
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    while block := source.read(CHUNK):
        digest.update(block)
        size += len(block)
    source.seek(0)
    return Fingerprint(digest.hexdigest(), size)


def store_file(
    *, actor: Actor, purpose: str, name: str, content: bytes | IO[bytes] | File, media_type: str,
    known: Fingerprint | None = None,
) -> StoredFile:  # fmt: skip
    """Stores bytes under a name that says nothing, and records size and SHA-256. Call inside the AO's scope.

    `known` is their fingerprint if the caller took it already. The bytes are written before the row: a crash in between
    leaves a file that nothing points to, never a row without its file.
    """
    stored = _written(actor, purpose, name, content, media_type, known)
    stored.save()
    return stored


def store_files(
    *, actor: Actor, purpose: str, contents: Iterable[tuple[str, bytes]], media_type: str
) -> list[StoredFile]:  # fmt: skip
    """`store_file` for many (name, bytes) of one kind, with one statement for all of their rows."""
    rows = [_written(actor, purpose, name, content, media_type, None) for name, content in contents]
    return StoredFile.objects.bulk_create(rows)


def _written(
    actor: Actor, purpose: str, name: str, content: bytes | IO[bytes] | File, media_type: str, known: Fingerprint | None
) -> StoredFile:
    """Puts the bytes into the storage and answers their row, which is not saved yet."""
    taken = known or fingerprint(content)
    source: File = ContentFile(content) if isinstance(content, bytes) else File(content)
    storage_name = default_storage.save(f"{current_ao().pk}/{purpose}/{secrets.token_hex(16)}", source)
    return StoredFile(
        purpose=purpose,
        name=clean_name(name),
        storage_name=storage_name,
        media_type=media_type,
        size=taken.size,
        sha256=taken.sha256,
        created_by=actor.person,
    )


def erase_file(stored: StoredFile) -> None:
    """Erases a file's bytes once the transaction is through; who it was and its digest stay. Twice does no harm.

    Whether it may go is the caller's to ask, and to record. A crash in between leaves bytes that nothing serves.
    """
    StoredFile.objects.filter(pk=stored.pk, erased_at=None).update(erased_at=timezone.now())
    transaction.on_commit(partial(default_storage.delete, stored.storage_name))


def clean_name(name: str) -> str:
    """A file name fit for a download header: no path, no control characters, at most 150 characters."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    base = re.sub(r"[\x00-\x1f\x7f\"<>|:*?\u202a-\u202e]", "", base).strip(". ")
    stem, dot, ending = base.rpartition(".")
    return (f"{stem[:140]}{dot}{ending[:9]}" if dot else base[:150]) or "file"
