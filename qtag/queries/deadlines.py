"""What is due on Q-TAGs, by whom, and what each would be told today. Reading only: a dry run shows exactly this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.frameworks.models import Adoption
from awarding.notices.models import Notice
from awarding.tenancy.scope import current_ao
from centres.models import Centre
from qtag.models import DeclarationPart, Judgement, ReminderPlan
from qtag.models.deadline import DEFAULT_DAYS
from qtag.queries.concerns import centres_unsigned, missing_on_the_day
from qtag.queries.expected import expected
from qtag.queries.not_begun import not_begun
from qtag.queries.submissions import current_window
from qtag.rules.deadlines import LATE, milestone_on


@dataclass(frozen=True)
class Reminder:
    """One message to the holders of `roles` at a centre (None: of the AO). `key` makes it the same one whenever it is due."""

    centre: Centre | None
    roles: frozenset[Role]
    key: str
    subject: str
    body: str
    url: str
    due: date
    milestone: int


def reminder_days() -> list[int]:
    """The AO's days before a deadline, or the portal's where it has set none."""
    plan = ReminderPlan.objects.first()
    return list(plan.days_before) if plan else list(DEFAULT_DAYS)


@dataclass(frozen=True)
class Addressed:
    """Who gets a reminder: names of those who get it with the next run, and of those who have it already."""

    to_come: list[str]
    told: list[str]


def addressed(reminders: Sequence[Reminder]) -> list[Addressed]:
    """For each of some reminders, whom it reaches; nobody at all where the role is held by nobody. Two queries."""
    roles = {role for row in reminders for role in row.roles}
    held = Membership.objects.filter(role__in=roles, ended_at=None, person__is_active=True)
    by_grant: dict[tuple[str, int | None], dict[int, str]] = defaultdict(dict)
    for role, centre_id, pk, name in held.values_list("role", "centre_id", "person_id", "person__name").order_by("pk"):
        by_grant[(role, centre_id)][pk] = name
    sent = Notice.objects.filter(key__in=[row.key for row in reminders]).values_list("key", "person_id")
    known = set(sent.order_by())
    found = []
    for row in reminders:
        people: dict[int, str] = {}
        for role in sorted(row.roles):
            people |= by_grant[(role, row.centre.pk if row.centre else None)]
        found.append(
            Addressed(
                [name for pk, name in people.items() if (row.key, pk) not in known],
                [name for pk, name in people.items() if (row.key, pk) in known],
            )
        )
    return found


def due_reminders(adoption: Adoption, today: date) -> list[Reminder]:
    """Everything that a run today would say, whether or not it has been said; in a fixed number of queries."""
    days = reminder_days()
    found: list[Reminder] = []
    closes = current_window(adoption, "submission").closes
    if closes and (milestone := milestone_on(today, closes, days)) is not None:
        found += _unsubmitted(adoption, closes, milestone, today)
    signed_by = current_window(adoption, "declaration").closes
    if signed_by and (milestone := milestone_on(today, signed_by, days)) is not None:
        found += _unsigned(adoption, signed_by, milestone, today)
    return found


def _unsubmitted(adoption: Adoption, due: date, milestone: int, today: date) -> list[Reminder]:
    """Centres with learners whose Q-TAG is not submitted, or not even begun: their quality contact; once late, the AO (QTG-10).

    One message for a centre, whatever it lacks. Learners who get none are nothing to remind of.
    """
    lacking: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    rows = expected(Judgement.objects.filter(submission__adoption=adoption), [adoption]).exclude(state="submitted")
    begun = rows.values_list("centre_id").annotate(n=Count("pk"), books=Count("submission", distinct=True))
    for centre_id, learners, books in begun.order_by("centre_id"):
        lacking[centre_id]["open"] = (learners, books)
    waiting = (
        not_begun(adoption).values_list("centre_id").annotate(n=Count("pk"), b=Count("qualification", distinct=True))
    )
    for centre_id, learners, books in waiting.order_by("centre_id"):
        lacking[centre_id]["not_begun"] = (learners, books)
    centres = Centre.objects.in_bulk(list(lacking))
    found = [
        _to_centre(adoption, centres[pk], what, due, milestone, today) for pk, what in sorted(lacking.items())
    ]  # fmt: skip
    if milestone == LATE:
        found += _late_to_ao(adoption, list(lacking.values()), due)
    return found


def _to_centre(
    adoption: Adoption, centre: Centre, what: dict[str, tuple[int, int]], due: date, milestone: int, today: date
) -> Reminder:
    """What one centre still has to begin and to submit, each with how many learners and qualifications."""
    sentences = []
    if "not_begun" in what:
        words = ngettext(
            "%(n)d registered learner has no Q-TAG begun (qualifications: %(books)d).",
            "%(n)d registered learners have no Q-TAG begun (qualifications: %(books)d).",
            what["not_begun"][0],
        )
        sentences.append(words % dict(zip(("n", "books"), what["not_begun"], strict=True)))
        sentences.append(_("Begin them; if a learner gets none, say so on the learner's page there."))
    if "open" in what:
        words = ngettext(
            "%(n)d learner is not submitted yet (qualifications: %(books)d).",
            "%(n)d learners are not submitted yet (qualifications: %(books)d).",
            what["open"][0],
        )
        sentences.append(words % dict(zip(("n", "books"), what["open"], strict=True)))
    if milestone == LATE:
        sentences.append(_("What is sent now is accepted, marked late, and may miss results day."))
    nothing_begun = "open" not in what
    url = reverse("qtag:begin" if nothing_begun else "qtag:submissions", kwargs={"ao": current_ao().slug})
    subject = _("Q-TAGs to begin and submit") if nothing_begun else _("Q-TAGs to submit")
    return Reminder(
        centre, frozenset({Role.QUALITY_CONTACT}), _key(adoption, "submit", centre.pk, milestone, due),
        _subject(subject, due, today), " ".join(sentences), url, due, milestone,
    )  # fmt: skip


def _late_to_ao(adoption: Adoption, lacking: list[dict[str, tuple[int, int]]], due: date) -> list[Reminder]:
    """Two messages at most: of what is begun and of what is not, each leading to the very list that it counts."""
    counts = {only: sum(only in what for what in lacking) for only in ("open", "not_begun")}
    bodies = {
        "open": ngettext(
            "%(n)d centre has learners whose Q-TAG is begun and not submitted.",
            "%(n)d centres have learners whose Q-TAG is begun and not submitted.",
            counts["open"],
        ),
        "not_begun": ngettext(
            "%(n)d centre has registered learners who may have a Q-TAG and for whom none is begun.",
            "%(n)d centres have registered learners who may have a Q-TAG and for whom none is begun.",
            counts["not_begun"],
        ),
    }
    subjects = {"open": _("Q-TAGs are late"), "not_begun": _("Q-TAGs are late and not begun")}
    matters = {"open": "submit", "not_begun": "begin"}
    return [
        _to_ao(adoption, matters[only], subjects[only], bodies[only] % {"n": n}, only, due)
        for only, n in counts.items()
        if n
    ]


def _unsigned(adoption: Adoption, due: date, milestone: int, today: date) -> list[Reminder]:
    """Centres that submitted something no signature covers: their head and quality contact; once late, the AO (HOC-03).

    Who had signed by the day, and is to sign again for what changed since, is not late and hears so (HOC-04).
    """
    is_late = milestone == LATE
    missing = missing_on_the_day(adoption, due).values_list("centre_id", flat=True) if is_late else ()
    late = set(missing)
    voided = _newest_voided(adoption) if is_late else {}
    url = reverse("qtag:declarations", kwargs={"ao": current_ao().slug})
    roles = frozenset({Role.HEAD_OF_CENTRE, Role.QUALITY_CONTACT})
    words = _("Without a signed declaration no result of the centre is processed.")
    again = _("Learners were reopened or submitted after the head of centre signed.")
    found = []
    for centre in centres_unsigned(adoption):
        subject, body = _subject(_("Declaration to sign"), due, today), words
        key = _key(adoption, "sign", centre.pk, milestone, due)
        if is_late and centre.pk not in late:
            subject, body = _("Declaration to sign again"), f"{again} {words}"
            key = f"{key}-{voided.get(centre.pk, 0)}"
        found.append(Reminder(centre, roles, key, subject, body, url, due, milestone))
    if late:
        body = ngettext(
            "%(n)d centre has not signed for what it submitted. A missing declaration can be a malpractice concern: "
            "that is yours to judge.",
            "%(n)d centres have not signed for what they submitted. A missing declaration can be a malpractice concern: "
            "that is yours to judge.",
            len(late),
        ) % {"n": len(late)}
        found.append(_to_ao(adoption, "sign", _("Declarations are missing"), body, "unsigned", due))
    return found


def _newest_voided(adoption: Adoption) -> dict[int, int]:
    """By centre id, the newest part that holds no longer: what it is to be signed again for is told once for each."""
    parts = DeclarationPart.objects.filter(submission__adoption=adoption, state="voided").order_by()
    return dict(parts.values_list("centre_id").annotate(newest=Max("pk")))


def _to_ao(adoption: Adoption, what: str, subject: str, body: str, only: str, due: date) -> Reminder:
    name = "qtag:concerns" if what == "sign" else "qtag:progress"
    under = f"&under={adoption.pk}" if adoption.superseded_at else ""
    url = reverse(name, kwargs={"ao": current_ao().slug}) + ("" if what == "sign" else f"?only={only}{under}")
    return Reminder(None, frozenset({Role.AO_ADMIN}), _key(adoption, what, 0, LATE, due), subject, body, url, due, LATE)


def _key(adoption: Adoption, what: str, centre_id: int, milestone: int, due: date) -> str:
    """With the day: when the AO moves it, "seven days left" is another message."""
    return f"qtag-due-{adoption.pk}-{what}-{centre_id}-{milestone}-{due:%Y%m%d}"


def _subject(what: str, due: date, today: date) -> str:
    left = (due - today).days
    if left < 0:
        return _("%(what)s: late since %(day)s") % {"what": what, "day": due.strftime("%d %B %Y")}
    if left == 0:
        return _("%(what)s: due today") % {"what": what}
    return ngettext("%(what)s: %(n)d day left", "%(what)s: %(n)d days left", left) % {"what": what, "n": left}
