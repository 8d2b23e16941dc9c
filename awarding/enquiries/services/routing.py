"""Finding the one who answers, and the AO's settings for that."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from awarding.accounts.models import User
from awarding.accounts.queries import holders
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from awarding.enquiries.models import EnquirySettings, RoutingRule, Topic
from awarding.enquiries.queries.enquiries import open_counts, possible_owners
from awarding.enquiries.queries.routing import enquiry_settings, routing_rules
from awarding.enquiries.rules.routing import fitting_rules


class RoutingError(ValueError):
    """A setting that cannot be; the text is for the page."""


def find_owner(topic: Topic | None, qualification: Qualification | None, *, besides: User) -> User | None:
    """Who answers (HLP-01): by the first rule that fits and has somebody there; else whoever the AO named for the rest.

    Of several holders of a role the one with the fewest open enquiries. Nobody answers their own question. None only
    when nobody at all is there to answer.
    """
    sector = qualification.sector if qualification is not None else ""
    counts, may = open_counts(), {person.pk: person for person in possible_owners() if person != besides}
    for rule in fitting_rules(routing_rules(), topic.pk if topic is not None else None, sector):
        if rule.person_id is not None and rule.person_id in may:
            return may[rule.person_id]
        if rule.role and (found := _least_busy(rule.role, counts, may)):
            return found
    for role in dict.fromkeys((enquiry_settings().fallback_role, Role.AO_ADMIN)):
        if found := _least_busy(role, counts, may):
            return found
    return None


def _least_busy(role: str, counts: dict[int, int], may: dict[int, User]) -> User | None:
    people = [person for person in holders({Role(role)}) if person.pk in may]
    return min(people, key=lambda person: (counts.get(person.pk, 0), person.pk), default=None)


@transaction.atomic
def change_settings(*, actor: Standing, answer_days: int, fallback_role: str) -> EnquirySettings:
    """Sets the working days to answer and whose the rest is. Holds for what is asked from now on."""
    actor.require(Permission.HELP_PUBLISH)
    row = EnquirySettings.objects.select_for_update().first() or EnquirySettings()
    before = [row.answer_days, row.fallback_role]
    row.answer_days, row.fallback_role = answer_days, Role(fallback_role).value
    row.save()
    record(
        "enquiry_settings.changed",
        actor=actor,
        target=row,
        data={"before": before, "after": [answer_days, fallback_role]},
    )
    return row


@transaction.atomic
def add_topic(*, actor: Standing, name: str) -> Topic:
    """Offers a topic; one of that name that was no longer offered is offered again. Raises RoutingError for an offered one."""
    actor.require(Permission.HELP_PUBLISH)
    name = " ".join(name.split())
    known = Topic.objects.select_for_update().filter(name__iexact=name).first()
    if known is not None and known.is_offered:
        raise RoutingError(_("There is a topic “%(name)s” already.") % {"name": known.name})
    last = Topic.objects.aggregate(last=Max("position"))["last"] or 0
    topic = known or Topic(name=name, position=last + 1)
    topic.is_offered = True
    topic.save()
    record("topic.offered", actor=actor, target=topic, data={"name": topic.name})
    return topic


@transaction.atomic
def drop_topic(*, actor: Standing, topic: Topic) -> None:
    """No longer offers a topic; what was asked under it keeps it. Twice changes nothing."""
    actor.require(Permission.HELP_PUBLISH)
    locked = Topic.objects.select_for_update().get(pk=topic.pk)
    if locked.is_offered:
        locked.is_offered = False
        locked.save(update_fields=["is_offered"])
        record("topic.dropped", actor=actor, target=locked, data={"name": locked.name})


@transaction.atomic
def add_rule(
    *,
    actor: Standing,
    topic: Topic | None,
    sector: str,
    role: str = "",
    person: User | None = None,
    first: bool = False,
) -> RoutingRule:
    """Adds a rule after the others, or before them. Raises RoutingError for a rule that leads to nobody or to two."""
    actor.require(Permission.HELP_PUBLISH)
    if bool(role) == (person is not None):
        raise RoutingError(_("Choose either a role or a person."))
    if person is not None and person not in possible_owners():
        raise RoutingError(_("%(who)s does not answer enquiries here.") % {"who": person})
    rules = list(RoutingRule.objects.select_for_update().order_by("position", "id"))
    positions = [rule.position for rule in rules]
    position = min(positions, default=1) - 1 if first else max(positions, default=0) + 1
    if position < 0:
        for rule in rules:
            rule.position += 1
        RoutingRule.objects.bulk_update(rules, ["position"])
        position = 0
    rule = RoutingRule.objects.create(topic=topic, sector=sector, role=role, person=person, position=position)
    data = {"topic": topic.name if topic else "", "sector": sector, "role": role, "person": str(person or "")}
    record("routing_rule.added", actor=actor, target=rule, data=data)
    return rule


@transaction.atomic
def remove_rule(*, actor: Standing, rule: RoutingRule) -> None:
    """Takes a rule away. What it has routed stays where it is."""
    actor.require(Permission.HELP_PUBLISH)
    record("routing_rule.removed", actor=actor, target=rule, data={"sector": rule.sector, "role": rule.role})
    RoutingRule.objects.filter(pk=rule.pk).delete()
