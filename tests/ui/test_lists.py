"""What lists are made of, drawn in Python: the same markup as Django's templates, every text escaped."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st

from awarding.ui import controls, tables
from awarding.ui.addresses import address, addresses
from awarding.ui.forms import PortalForm

NASTY = "<b>\"&'</b>"
WIDGETS = [
    forms.TextInput(),
    forms.NumberInput({"min": 0, "step": "any"}),
    forms.EmailInput({"autocomplete": "email", "autofocus": True, "readonly": False}),
    forms.URLInput(),
    forms.HiddenInput(),
    forms.PasswordInput(render_value=True),
    forms.DateInput(),
    forms.Select(choices=[("", gettext_lazy("Any")), (1, "One"), ("a<b", NASTY), (3.5, 1234567)]),
    forms.Select({"class": NASTY}, choices=[("Group", [("a", "A"), ("b", "B")]), (NASTY, [(NASTY, NASTY)])]),
    forms.SelectMultiple(choices=[("a", "A"), ("b", mark_safe("<i>B</i>"))]),
    forms.NullBooleanSelect(),
]


def squeezed(markup: str) -> str:
    return re.sub(r"\s*\n\s*", "", markup)


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", [None, "", "a", "a<b", NASTY, 0, 1, mark_safe("&amp;"), gettext_lazy("Any")])
def test_controls_are_drawn_as_their_templates_draw_them(widget, value):
    context = widget.get_context(NASTY, [value] if isinstance(widget, forms.SelectMultiple) else value, {"id": "id_x"})
    drawn = controls.draw(widget.template_name, context)
    assert drawn is not None
    assert squeezed(drawn) == squeezed(TemplatesSetting().render(widget.template_name, context))


class Filter(PortalForm):
    name = forms.CharField(label=NASTY, help_text=NASTY, max_length=20)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=[("", "Any"), ("a", "A")])
    note = forms.CharField(widget=forms.Textarea)
    when = forms.BooleanField()


@pytest.mark.parametrize("data", [None, {"name": NASTY, "state": "a", "note": "n", "when": "on"}, {"state": "z"}])
def test_a_plain_field_is_drawn_as_its_template_draws_it_and_others_are_left_to_it(data):
    form = Filter(data)
    for field in form:
        context = field.get_context()
        drawn = controls.draw("django/forms/portal_field.html", context)
        is_plain = field.kind == "plain" and not field.errors
        assert (drawn is not None) == is_plain
        if is_plain:
            assert squeezed(drawn) == squeezed(TemplatesSetting().render("django/forms/portal_field.html", context))


def test_a_table_says_its_headings_and_escapes_what_is_not_markup():
    columns = [tables.Column("Number", "nowrap"), tables.Column(gettext_lazy("Title")), tables.Column("N", "numeric")]
    row = (tables.link("/a?b=1&c=2", NASTY), NASTY, 3)
    drawn = tables.render_table(tables.Table("What <it> is", columns, [row], is_caption_hidden=True))
    assert '<a class="govuk-link" href="/a?b=1&amp;c=2">&lt;b&gt;' in drawn
    assert "<b>" not in drawn and "<it>" not in drawn
    assert drawn.count('scope="col"') == 3 and drawn.count('scope="row"') == 1
    assert 'role="region" tabindex="0" aria-label="What &lt;it&gt; is"' in drawn
    assert '<td class="govuk-table__cell govuk-table__cell--numeric">3</td></tr>' in drawn
    assert '<caption class="govuk-visually-hidden">' in drawn


def test_a_row_with_a_cell_too_few_is_an_error():
    with pytest.raises(ValueError, match="shorter"):
        tables.render_table(tables.Table("T", [tables.Column("A"), tables.Column("B")], [("a",)]))


@given(st.lists(st.text(), min_size=1))
def test_parts_of_a_cell_are_escaped(parts):
    for made in (tables.lines(parts), tables.words(*parts), tables.quiet(parts[0]), tables.link("/", parts[0])):
        assert not re.search(r"<(?!/?(br|span|a)\b)", made)


@settings(deadline=None)  # the first one reads the routes
@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="/"), min_size=1))
def test_an_address_is_what_reverse_answers(number):
    made = addresses("catalogue:qualification", "qan", ao="aim")(number)
    assert made == reverse("catalogue:qualification", kwargs={"ao": "aim", "qan": number})


def test_addresses_of_numbers_and_fixed_ones():
    assert addresses("mitigations:claim", "claim_id", ao="aim")(17) == "/ao/aim/claims/17/"
    assert address("mitigations:claims", ao="other") == "/ao/other/claims/"
