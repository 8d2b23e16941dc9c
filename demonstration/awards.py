"""The two awarding organisations, some of their real qualifications, and invented units to claim in.

Names, recognition numbers and qualification numbers are facts of the public register. Units, credits and thresholds are
invented and say so in their titles.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade, GradeScale, Qualification, Unit
from awarding.catalogue.services.loading import load_units
from awarding.catalogue.services.qualification import GradeDraft, edit_qualification, save_scale
from awarding.catalogue.services.units import GroupDraft, UnitDraft
from awarding.frameworks.models import FrameworkVersion
from awarding.frameworks.services import adopt_framework
from awarding.identifiers.unit_reference import unit_reference_letter
from awarding.tenancy.models import AwardingOrganisation

PASS_ONLY, GRADED_UNITS, GRADED = (
    "Pass (demonstration)",
    "Unit grades (demonstration)",
    "Overall grades (demonstration)",
)
UNIT_CREDITS = 10


@dataclass(frozen=True)
class Award:
    """A qualification of the register; with `subjects` it gets units of those titles, the last `optional` ones optional."""

    qan: str
    title: str
    level: str
    type: str
    sector: str
    category: str = ""
    outcome: str = ""
    subjects: tuple[str, ...] = ()
    optional: int = 0
    is_graded: bool = False
    # Why it has its outcome; needed where it is out of scope.
    why: str = ""


@dataclass(frozen=True)
class Body:
    """An awarding organisation as it uses the portal. `frameworks` are adopted in this order."""

    slug: str
    name: str
    acronym: str
    recognition_number: str
    colour: str
    prefix: str
    frameworks: tuple[str, ...]
    # Where this body's invented unit references begin: 999/xxxx, so that no two share one.
    first_reference: int
    awards: tuple[Award, ...] = field(default=())


VRQ, OQ, OVQ = "Vocationally-Related Qualification", "Occupational Qualification", "Other Vocational Qualification"
CARE = "Health and social care"

AIM_AWARDS = (
    Award(
        "60339858", "AIM Qualifications Level 2 Certificate in Counselling Skills", "Level 2", VRQ, CARE, "B2",
        "calculated_grade",
        ("Listening and responding", "The helping relationship", "Diversity and ethics", "Using supervision"),
    ),
    Award(
        "40015245", "Access to HE Diploma (Health and Social Care)", "Level 3", "Access to Higher Education", CARE, "B1",
        "calculated_grade",
        ("Human physiology", "Psychology of health", "Sociology of care", "Research methods", "Academic writing"),
        is_graded=True,
    ),
    Award(
        "60316937",
        "AIM Qualifications Level 1 Certificate in Skills for Working in Construction and Building Industries",
        "Level 1", VRQ, "Building and construction", "A", "adapted_assessment",
        ("Working safely on site", "Measuring and marking out", "Hand tools", "Bricklaying basics", "Tiling basics"),
        optional=2,
    ),
    Award(
        "60345366", "AIM Qualifications Level 3 Award in Canine Care, Behaviour and Welfare", "Level 3", OVQ,
        "Animal care and veterinary science", "B2", "",
        ("Reading canine behaviour", "Daily care", "Welfare and the law"),
    ),
    Award(
        "60358117", "AIM Qualifications Level 2 NVQ Certificate in Wall and Floor Tiling (Construction)", "Level 2", OQ,
        "Building and construction", "A", "delayed_assessment",
        ("Preparing backgrounds", "Fixing wall tiles", "Fixing floor tiles"),
    ),
    Award("60335828", "AIM Qualifications Level 2 Award in Dyslexia Awareness", "Level 2", VRQ, CARE, "B2", "no_change_needed"),
    Award(
        "60339883", "AIM Qualifications Level 5 Diploma in Psychotherapeutic Counselling", "Level 5", OQ, CARE, "A",
        "delayed_assessment",
    ),
    Award("40015129", "Access to HE Diploma (Computer Science)", "Level 3", "Access to Higher Education",
          "Digital technology (practitioners)", "B1", "calculated_grade"),
    Award("40015373", "Access to HE Diploma (Nursing and Midwifery)", "Level 3", "Access to Higher Education",
          "Nursing and subjects and vocations allied to medicine", "B1", "calculated_grade"),
    Award("60318612", "AIM Qualifications Level 1 Diploma in Skills for Working in Horticulture Industries", "Level 1", VRQ,
          "Horticulture and forestry", "B2", "no_learners_expected"),
    Award("61003372", "AIM Qualifications Level 1 Award in Customer Service", "Level 1", OVQ, "Hospitality and catering",
          outcome="out_of_scope", why="Assessed wholly on demand, so that closures did not delay it (demonstration)."),
    Award("6007646X", "AIM Qualifications Level 2 Award in Customer Service", "Level 2", OQ, "Marketing and sales"),
)  # fmt: skip

NCFE_AWARDS = (
    Award(
        "60133910", "NCFE Level 2 Certificate in Photography", "Level 2", VRQ, "Media and communication", "B2",
        "calculated_grade", ("Camera and light", "A themed portfolio", "Editing", "Presenting work"),
    ),
    Award(
        "60161097", "NCFE CACHE Level 3 Certificate in Health and Social Care", "Level 3", VRQ, CARE, "B1",
        "calculated_grade",
        ("Equality and rights", "Communication in care", "Human development", "Health and wellbeing", "Safe practice"),
        is_graded=True,
    ),
    Award(
        "60358543", "NCFE Level 2 Certificate in Understanding Coding", "Level 2", VRQ,
        "Digital technology (practitioners)", "B1", "adapted_assessment",
        ("Principles of coding", "Designing a program", "Testing", "Web pages", "Working in a team"), optional=2,
    ),
    Award(
        "60356819", "NCFE Level 2 Diploma for Customer Service Practitioners", "Level 2", OQ, "Administration", "A", "",
        ("Knowing customers", "Dealing with complaints", "Working with colleagues"),
    ),
    Award(
        "60307523", "NCFE CACHE Level 3 Award in Paediatric First Aid", "Level 3", OQ, CARE, "A", "delayed_assessment",
        ("Assessing an emergency", "First aid for infants", "First aid for children"),
    ),
    Award("60188789", "NCFE Level 3 Certificate in Sport and Physical Activity", "Level 3", "Other General Qualification",
          "Sport, leisure and recreation", "B1", "calculated_grade"),
    Award("60179570", "NCFE Level 1 Award in Retail Knowledge", "Level 1", VRQ, "Retailing and wholesaling", "B2",
          "no_change_needed"),
    Award("60339317", "NCFE Level 2 Certificate in Gym Instructing", "Level 2", VRQ, "Sport, leisure and recreation", "A",
          "delayed_assessment"),
    Award("60357939", "NCFE Level 3 Certificate in Coding Practices", "Level 3", VRQ, "Digital technology (practitioners)",
          "B1", "calculated_grade"),
    Award("61006452", "NCFE CACHE Level 3 Diploma in Playwork", "Level 3", OQ, "Child development and well-being", "A",
          "delayed_assessment"),
    Award("60106773", "NCFE Level 1 Certificate in Art and Design", "Level 1", VRQ, "Crafts, creative arts and design", "B2",
          "no_learners_expected"),
    Award("50112168", "NCFE Level 2 Certificate in Music Technology", "Level 2", VRQ, "Performing arts",
          outcome="out_of_scope", why="Not funded publicly in the year concerned (demonstration)."),
)  # fmt: skip

BODIES = (
    Body(
        "aim", "AIM Qualifications", "AIM", "RN5322", "#1d4f6e", "AIM", ("results_2024", "vcrf_2021", "erf_2020"), 1,
        AIM_AWARDS,
    ),
    Body(
        "ncfe", "NCFE", "NCFE", "RN5156", "#5b2a6e", "NCFE", ("vcrf_2021", "eerf_2020", "erf_2020"), 501, NCFE_AWARDS,
    ),
)  # fmt: skip


def find_body(body: Body) -> AwardingOrganisation:
    """The body's row as a tenant: found by its recognition number, made when no register named it, given its address."""
    ao, _is_new = AwardingOrganisation.objects.get_or_create(
        recognition_number=body.recognition_number, defaults={"name": body.name}
    )
    if ao.slug is None:
        ao.slug, ao.acronym = body.slug, body.acronym
        ao.brand_colour, ao.claim_prefix = body.colour, body.prefix
        ao.contact_email = f"help@{body.slug}.example"
        ao.save()
    return ao


def seed_awards(body: Body, admin: Standing) -> dict[str, Qualification]:
    """Frameworks adopted, scales, and the body's awards with their units. Answers the qualifications by QAN."""
    for code in body.frameworks:
        version = FrameworkVersion.objects.filter(code=code).order_by("-number").first()
        if version is not None:
            adopt_framework(actor=admin, framework=version, overrides=_open_window(version))
    scales = _seed_scales(admin)
    made: dict[str, Qualification] = {}
    reference = body.first_reference
    for award in body.awards:
        qualification = find_qualification(award)
        if award.subjects:
            qualification = edit_qualification(
                actor=admin, qualification=qualification, category=award.category,
                min_credits=UNIT_CREDITS * (len(award.subjects) - award.optional // 2),
                unit_scale=scales[GRADED_UNITS if award.is_graded else PASS_ONLY],
                scale=scales[GRADED if award.is_graded else PASS_ONLY],
            )  # fmt: skip
            _seed_units(award, qualification, admin, reference)
            reference += len(award.subjects)
        elif award.category:
            qualification = edit_qualification(actor=admin, qualification=qualification, category=award.category)
        made[award.qan] = qualification
    return made


def _open_window(version: FrameworkVersion) -> dict[str, str]:
    """Applications open for a year: the published window closed in 2020, and a demonstration wants to be tried (MIT-11)."""
    path = "dates.application_closes"
    decides = {row["path"] for row in version.document.get("ao_decides", ())}
    return {path: (timezone.localdate() + dt.timedelta(days=365)).isoformat()} if path in decides else {}


def _seed_scales(admin: Standing) -> dict[str, GradeScale]:
    """Thresholds fit the graded awards, whose units make 50 credits together."""
    total = 5 * UNIT_CREDITS
    drafts = {
        PASS_ONLY: [GradeDraft("Pass", "Pass")],
        GRADED_UNITS: [
            GradeDraft("U", "Unclassified", is_achieved=False, points=0),
            GradeDraft("P", "Pass", points=7),
            GradeDraft("M", "Merit", points=8),
            GradeDraft("D", "Distinction", points=9),
        ],
        GRADED: [
            GradeDraft("U", "Unclassified", is_achieved=False, points=0),
            GradeDraft("P", "Pass", points=7 * total),
            GradeDraft("M", "Merit", points=int(7.5 * total)),
            GradeDraft("D", "Distinction", points=int(8.5 * total)),
        ],
    }
    return {name: save_scale(actor=admin, name=name, grades=grades) for name, grades in drafts.items()}


def find_qualification(award: Award) -> Qualification:
    """The register's row of an award, made when no register named it."""
    found = Qualification.objects.filter(qan=award.qan).first()
    return found or Qualification.objects.create(
        qan=award.qan, title=award.title, level=award.level, type=award.type, sector=award.sector, status="Approved"
    )


def _seed_units(award: Award, qualification: Qualification, admin: Standing, first: int) -> None:
    needed = len(award.subjects) - award.optional
    groups = [GroupDraft("Mandatory units", is_mandatory=True, min_units=needed)]
    if award.optional:
        groups.append(GroupDraft("Optional units", min_units=award.optional // 2))
    drafts = []
    for place, subject in enumerate(award.subjects):
        digits = f"999{first + place:04d}"
        draft = UnitDraft(
            f"{unit_reference_letter(digits)}/{digits[:3]}/{digits[3:]}", f"{subject} (synthetic)", award.level,
            UNIT_CREDITS, 80,
        )  # fmt: skip
        drafts.append((draft, groups[0 if place < needed else 1].name))
    load_units(actor=admin, qualification=qualification, groups=groups, units=drafts)


def grade_codes(qualification: Qualification) -> list[str]:
    """The achieved grades of the qualification's units, lowest first."""
    grades = Grade.objects.filter(scale_id=qualification.unit_scale_id, is_achieved=True).order_by("rank")
    return list(grades.values_list("code", flat=True))


def units_of(qualification: Qualification) -> list[Unit]:
    places = qualification.unit_places.select_related("unit").order_by("group__position", "position")
    return [place.unit for place in places]
