"""A certificate as the job makes it, beside WeasyPrint drawing the same page."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

from django.utils import timezone
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from awarding.tenancy.scope import open_scope
from results.documents import certificate_context, certificate_html, certificate_pdf, look_of
from results.models import Certificate, QualificationResult
from results.queries.certificates import certificate_in_full, drafted_ids
from results.services.certificates import activate_certificate
from results.services.processing import draft_certificates
from tests.bench import database
from tests.bench.measure import Row, compare
from tests.factories import make_ao, make_centre, make_claim, make_standing

NAMES = {"certificate"}
CERTIFICATES = 8


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    """Eight certificates and twice as many; processor time for each."""
    for size in sizes:
        yield _row(CERTIFICATES * size)


def _row(count: int) -> Row:
    from awarding.accounts.roles import Role

    database.empty()
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        claim = make_claim(centre, make_standing(ao, Role.QUALITY_CONTACT, centre), learners=count)
        results = QualificationResult.objects.bulk_create(
            QualificationResult(
                registration_id=row.registration_id, claim=claim, grade="Pass",
                release_at=timezone.now() - dt.timedelta(days=1),
            )
            for row in claim.learners.all()
        )  # fmt: skip
        draft_certificates(results)
        ids = drafted_ids(result__claim=claim.pk)
        html = certificate_html(certificate_context(certificate_in_full(ids[0]), look_of(ao)))

    def ours() -> None:
        look, fonts = look_of(ao), FontConfiguration()
        for pk in ids:
            with open_scope(ao):
                context = certificate_context(certificate_in_full(pk), look)
            pdf = certificate_pdf(certificate_html(context), fonts)
            with open_scope(ao):
                assert activate_certificate(certificate_id=pk, pdf=pdf)

    def put_back() -> None:
        with open_scope(ao):
            Certificate.objects.update(state=Certificate.State.DRAFTED, file=None, issued_at=None)

    def floor() -> None:
        fonts = FontConfiguration()
        for _ in ids:
            HTML(string=html).write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, font_config=fonts)

    return compare(
        "certificate", ours, floor, beside="WeasyPrint alone, same page", size=f"{count} certificates", unit="ms",
        each=count, clock=time.process_time, after=put_back,
    )  # fmt: skip
