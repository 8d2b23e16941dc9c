"""Signing the head of centre's declaration over exactly what was shown."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.services import record
from awarding.files.services import store_file
from awarding.frameworks.models import Adoption
from awarding.notices.services import notify_roles
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError, write_event
from centres.models import Centre
from qtag.documents import declaration_pdf
from qtag.models import Declaration, DeclarationPart
from qtag.queries.declaration import declaration_view, is_declared_late, signs_as
from qtag.queries.differences import signing_findings


@transaction.atomic
def sign_declaration(
    *, actor: Standing, centre: Centre, adoption: Adoption, shown_digest: str, statements: Collection[str]
) -> Declaration:
    """Signs for everything the centre has submitted (HOC-01), each statement confirmed by itself (HOC-02).

    `shown_digest` is that of the page the signer read: when anything changed since, StalePageError and nothing is signed
    (HOC-04). GuardedError while a material difference from earlier years has no reason (HOC-05). ReasonMissingError names
    the statements that were not confirmed. Whether the signer proved just now who
    they are is the page's to ask. The grades stand in the stored content and document, which only the centre opens.
    """
    capacity = signs_as(actor.person, actor, centre.pk)
    if not capacity:
        raise PermissionMissingError(
            _("Only the head of centre, or a deputy the awarding organisation accepted, signs.")
        )
    # No grade of the centre can be submitted or reopened, and nobody else can sign, until this is decided.
    Centre.objects.select_for_update(of=("self",)).get(pk=centre.pk)
    view = declaration_view(centre, adoption)
    if view.digest != shown_digest:
        raise StalePageError(
            _("What is to be signed changed since you opened the page. Read it again; nothing was signed.")
        )
    if not view.parts:
        raise ReasonMissingError(_("Nothing has been submitted yet, so there is nothing to sign."))
    stopping = signing_findings(centre.pk, [part.submission for part in view.parts])
    if stopping:
        raise GuardedError(stopping)
    missing = [row.text for row in view.statements if row.code not in statements]
    if missing:
        raise ReasonMissingError(_("Confirm each statement by itself. Missing: %(what)s") % {"what": " ".join(missing)})
    now = timezone.now()
    declaration = Declaration(
        centre=centre, adoption=adoption, content=view.content, digest=view.digest, is_late=is_declared_late(view),
        statements=[{"code": row.code, "text": row.text, "at": now.isoformat()} for row in view.statements],
        signed_by=actor.person, signed_as=capacity, signed_at=now,
    )  # fmt: skip
    declaration.document = store_file(
        actor=actor, purpose="declarations", name=f"declaration-{centre.number}-{now:%Y%m%d-%H%M}.pdf",
        content=declaration_pdf(declaration, view), media_type="application/pdf",
    )  # fmt: skip
    declaration.save()
    for part in view.parts:
        made = DeclarationPart.objects.create(
            declaration=declaration, submission=part.submission, centre=centre, digest=part.digest, state="covering"
        )
        write_event(made, "sign", "", actor=actor, data={"digest": part.digest})
    record("declaration.signed", actor=actor, target=declaration, data={"digest": view.digest, "as": capacity})
    notify_roles(
        roles={Role.QUALITY_CONTACT}, centre_id=centre.pk, key=f"declaration-{declaration.pk}",
        subject=_("The head of centre's declaration is signed"),
        body=_("It covers %(count)d qualifications.") % {"count": len(view.parts)}, target=declaration, besides=actor.person,
    )  # fmt: skip
    return declaration
