"""Whose a row is: the awarding organisation, and the base of every row that belongs to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from awarding.tenancy.scope import current_ao_id


class AwardingOrganisation(models.Model):
    """A body recognised to award qualifications. Public facts from the register; a tenant when it uses the portal.

    This table is nobody's tenant row: names and recognition numbers are public.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    acronym = models.CharField(_("acronym"), max_length=60, blank=True)
    recognition_number = models.CharField(
        _("recognition number"),
        max_length=10,
        null=True,
        blank=True,
        unique=True,
        validators=[RegexValidator(r"^RN\d{4}$", _("A recognition number is RN and four digits, such as RN5322."))],
    )
    slug = models.SlugField(
        _("short name in addresses"),
        max_length=40,
        unique=True,
        null=True,
        blank=True,
        help_text=_("Set for AOs that use the portal."),
    )
    brand_colour = models.CharField(_("colour"), max_length=7, default="#1d4f6e")
    contact_email = models.EmailField(_("contact address"), blank=True)
    claim_prefix = models.CharField(_("prefix of eRAC numbers"), max_length=8, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        return self.acronym or self.name


class TenantForeignKey(models.ForeignKey):
    """A reference between two rows of one AO.

    The database holds it with one composite key (ao_id, target_id) made by `TenantTables`, which a row of another AO
    cannot satisfy; Django's own single-column constraint would accept it, so it is left out.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


class OwnerKey(models.ForeignKey):
    """The AO a row belongs to, filled from the open scope. Migrations see no default: they run in no scope."""

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, path, args, kwargs


class TenantModel(models.Model):
    """A row that belongs to one AO: scoped manager here, row-level policy and composite keys in the database.

    `ao` is filled from the open scope. Reading without a scope raises ScopeError; the database shows no row at all.
    """

    ao = OwnerKey(
        AwardingOrganisation,
        on_delete=models.PROTECT,
        related_name="+",
        default=current_ao_id,
        editable=False,
        db_index=False,  # The unique (ao, id) that TenantTables makes serves it.
        verbose_name=_("awarding organisation"),
    )

    if TYPE_CHECKING:
        objects: ClassVar[models.Manager[Any]]
    else:
        objects = ScopedManager(ao="ao")

    class Meta:
        abstract = True


class NumberSequence(TenantModel):
    """The last number given out for one kind of document in one AO (and year). Taken under a row lock."""

    kind = models.CharField(max_length=40)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ao", "kind"], name="one_sequence_per_kind")]
