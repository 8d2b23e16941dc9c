"""The centre's page of what to send, and the files themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.files.content import ALLOWED_ENDINGS, UnacceptableFileError
from awarding.files.serving import serve_file
from awarding.workflow.services import TransitionError
from mitigations.models import Claim
from qa_sampling import queries
from qa_sampling.forms import EvidenceForm
from qa_sampling.models import EvidenceFile
from qa_sampling.parts import asked_pieces, evidence_turn
from qa_sampling.services.evidence import add_evidence, remove_evidence


@allowed(Permission.EVIDENCE_UPLOAD)
def evidence(request: PortalRequest, claim_id: int) -> HttpResponse:
    """What the verifier asks for, each piece with its files and a form to send one more."""
    reach = request.standing.reach(Permission.EVIDENCE_UPLOAD)
    claims = Claim.objects.select_related("centre", "qualification", "cohort")
    claim = get_object_or_404(claims if reach is None else claims.filter(centre_id__in=reach), pk=claim_id)
    picks = queries.requested_picks(claim)
    form, chosen = EvidenceForm(), None
    if request.method == "POST":
        chosen = next((p for p in picks if str(p.pk) == request.POST.get("pick")), None)
        if chosen is None:
            raise Http404
        form = EvidenceForm(request.POST, request.FILES)
        if form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                add_evidence(
                    actor=request.standing, pick=chosen, handle=upload.file, name=upload.name, size=upload.size,
                    caption=form.cleaned_data["caption"],
                )  # fmt: skip
            except (UnacceptableFileError, TransitionError) as error:
                form.add_error("file", str(error))
            else:
                messages.success(request, _("“%(name)s” is sent.") % {"name": upload.name})
                return redirect(f"{request.path}#piece-{chosen.pk}")
    context = {
        "heading": _("%(number)s: evidence asked for") % {"number": claim.number},
        "claim": claim,
        "picks": picks,
        "form": form,
        "chosen": chosen,
        "limit_mb": settings.EVIDENCE_MAX_BYTES // 1024**2,
        "endings": ", ".join(ALLOWED_ENDINGS),
        "turn": evidence_turn(claim, request.standing, list(asked_pieces(claim_id=claim.pk))),
        "breadcrumbs": [
            (_("Claims"), reverse("mitigations:claims", kwargs={"ao": request.ao.slug})),
            (claim.number, reverse("mitigations:claim", kwargs={"ao": request.ao.slug, "claim_id": claim.pk})),
        ],
    }
    return render(request, "qa_sampling/evidence.html", context)


def _visible_evidence(request: PortalRequest, evidence_id: int) -> EvidenceFile:
    return get_object_or_404(
        EvidenceFile.objects.select_related("file", "pick__claim").filter(
            pick__in=queries.visible_picks(request.standing).values("pk"), removed_at=None
        ),
        pk=evidence_id,
    )


@allowed(Permission.EVIDENCE_VIEW)
def evidence_file(request: PortalRequest, evidence_id: int) -> HttpResponseBase:
    """The bytes of one file, for those who may see its piece and nobody else."""
    return serve_file(_visible_evidence(request, evidence_id).file, inline="show" in request.GET)


@allowed(Permission.EVIDENCE_UPLOAD)
@require_POST
def remove(request: PortalRequest, evidence_id: int) -> HttpResponse:
    """Takes a file that was sent by mistake out of view."""
    found = _visible_evidence(request, evidence_id)
    try:
        remove_evidence(actor=request.standing, evidence=found)
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” is taken out.") % {"name": found.file.name})
    return redirect("qa_sampling:evidence", ao=request.ao.slug, claim_id=found.pick.claim_id)
