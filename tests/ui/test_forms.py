from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from awarding.ui.errors import linked_errors
from awarding.ui.forms import DateField, PortalForm, UploadField
from tests.ui.gallery import EverythingForm


class DateForm(PortalForm):
    born = DateField(label="Date of birth", not_before=date(1900, 1, 1), not_after=date(2020, 6, 3))


def dated(day: str = "", month: str = "", year: str = "") -> DateForm:
    return DateForm({"born-day": day, "born-month": month, "born-year": year})


@pytest.mark.parametrize("month", ["3", "03", "March", "mar", "Mar."])
def test_a_date_is_read_from_three_boxes(month: str) -> None:
    form = dated("27", month, "2003")
    assert form.is_valid()
    assert form.cleaned_data["born"] == date(2003, 3, 27)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("", "", ""), "Fill in “Date of birth”"),
        (("27", "", "2003"), "Date of birth must include a month"),
        (("27", "", ""), "Date of birth must include a month and a year"),
        (("3", "27", "2003"), "Date of birth must be a real date, for example 27 3 2021 (day, month, year)"),
        (("29", "2", "2003"), "Date of birth must be a real date, for example 27 3 2021 (day, month, year)"),
        (("x", "2", "2003"), "Date of birth must be a real date, for example 27 3 2021 (day, month, year)"),
        (("1", "2", "03"), "Date of birth: write the year with four digits, for example 2021"),
        (("1", "2", "20²3"), "Date of birth: write the year with four digits, for example 2021"),
        (("31", "12", "1899"), "Date of birth must be 1 January 1900 or later"),
        (("4", "6", "2020"), "Date of birth must be 3 June 2020 or earlier"),
    ],
)
def test_a_faulty_date_says_what_is_wrong_and_stands_as_typed(parts: tuple[str, str, str], message: str) -> None:
    form = dated(*parts)
    assert form.errors["born"] == [message]
    html = str(form)
    for name, typed in zip(("day", "month", "year"), parts, strict=True):
        assert f'name="born-{name}" id="id_born-{name}" value="{typed}"' in html


def test_an_optional_date_may_be_left_empty_and_says_so() -> None:
    class Form(PortalForm):
        seen = DateField(label="Seen on", required=False)

    form = Form({})
    assert form.is_valid() and form.cleaned_data["seen"] is None
    assert "Seen on (optional)" in str(form)


def test_a_stored_date_is_shown_in_its_boxes_and_counts_as_unchanged() -> None:
    form = DateForm({"born-day": "27", "born-month": "3", "born-year": "2003"}, initial={"born": date(2003, 3, 27)})
    assert 'value="2003"' in str(form["born"])
    assert form.has_changed() is False


class FileForm(PortalForm):
    workbook = UploadField(label="Workbook", kinds=(".xlsx", ".csv"), max_bytes=10)


def test_a_file_field_names_its_kinds_and_limit_beforehand() -> None:
    class Form(PortalForm):
        workbook = UploadField(label="Workbook", kinds=(".xlsx",))

    html = str(Form())
    assert "A file that ends in .xlsx, at most 10 MB." in html
    assert 'accept=".xlsx"' in html


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("learners.xls", b"x", "“learners.xls” cannot be read here. Choose a file that ends in .xlsx or .csv."),
        ("learners.xlsx.exe", b"x", "“learners.xlsx.exe” cannot be read here"),
        ("learners.csv", b"", "“learners.csv” is empty"),
        ("learners.csv", b"x" * 11, "The most that can be sent is 10\xa0bytes"),
    ],
)
def test_a_file_of_another_kind_or_size_is_refused(name: str, content: bytes, message: str) -> None:
    form = FileForm({}, {"workbook": SimpleUploadedFile(name, content)})
    assert message in form.errors["workbook"][0]


def test_a_file_of_the_right_kind_is_accepted_whatever_the_case_of_its_name() -> None:
    form = FileForm({}, {"workbook": SimpleUploadedFile("LEARNERS.CSV", b"x" * 10)})
    assert form.is_valid()


def test_a_number_out_of_its_bounds_is_named_and_so_is_what_is_none() -> None:
    class Form(PortalForm):
        share = forms.IntegerField(label="Share, 100% at most", min_value=0, max_value=100)
        days = forms.FloatField(label="Days", min_value=1, error_messages={"min_value": "Not even one?"})

    errors = Form({"share": "250", "days": "0"}).errors
    assert errors["share"] == ["“Share, 100% at most” must be 100 or less"]
    assert errors["days"] == ["Not even one?"]
    errors = Form({"share": "1.5", "days": "x"}).errors
    assert errors["share"] == ["“Share, 100% at most” takes a whole number"]
    assert errors["days"] == ["“Days” takes a number"]
    assert Form({"share": "-1", "days": "2"}).errors["share"] == ["“Share, 100% at most” must be 0 or more"]


def test_what_is_too_long_cannot_be_stored_or_is_no_answer_any_more_is_named() -> None:
    class Form(PortalForm):
        note = forms.CharField(label="Note, 50% at most", max_length=5)
        move = forms.ChoiceField(label="What to do", choices=[("send", "Send")])
        who = forms.MultipleChoiceField(label="Who", choices=[("a", "A")], required=False)
        other = forms.ChoiceField(choices=[], required=False, error_messages={"invalid_choice": "No such thing."})

    errors = Form({"note": "sixsix", "move": "withdraw", "who": ["b"], "other": "x"}).errors
    assert errors["note"] == ["“Note, 50% at most” may have at most 5 characters; what you wrote has 6"]
    assert "What you chose for “What to do” cannot be chosen now" in errors["move"][0]
    assert "“Who” cannot be chosen now" in errors["who"][0]
    assert errors["other"] == ["No such thing."]
    assert "“Note, 50% at most” holds a character" in Form({"note": "a\x00", "move": "send"}).errors["note"][0]


def test_every_control_has_its_label_hint_and_error_wired() -> None:
    form = EverythingForm({}, {})
    html = str(form)
    ids = set(re.findall(r' id="([^"]+)"', html))
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= ids, described
    assert set(re.findall(r' for="([^"]+)"', html)) <= ids
    assert len(ids) == len(re.findall(r' id="([^"]+)"', html))
    assert 'id="id_title_error"' in html and 'aria-describedby="id_title_helptext id_title_error"' in html


def test_the_browser_is_not_asked_to_validate() -> None:
    assert " required" not in str(EverythingForm({}, {})).replace("is required", "")


def test_what_people_typed_is_escaped() -> None:
    html = str(EverythingForm({"title": "<script>\"'", "reason": "</textarea><b>", "taught_until-day": '"><b>'}, {}))
    assert "<script>" not in html and "<b>" not in html and "</textarea><" not in html.replace("</textarea><div", "")


def test_an_error_leads_to_its_control() -> None:
    links = dict(linked_errors([EverythingForm({"taught_until-day": "1"}, {})]))
    assert links["Fill in “Title of the request”"] == "id_title"
    assert links["Choose an answer for “Decision”"] == "id_outcome_0"
    assert links["Taught until must include a month and a year"] == "id_taught_until-day"
    assert links["Tick “I have read the statement” to go on"] == "id_agreed"


def test_an_error_of_the_whole_form_leads_to_the_form() -> None:
    class Form(PortalForm):
        one = forms.CharField(required=False)

        def clean(self) -> dict[str, Any]:
            raise forms.ValidationError("The two dates contradict each other.")

    form = Form({}, prefix="a")
    [(message, target)] = linked_errors([form, None, Form()])
    assert message == "The two dates contradict each other."
    assert f'id="{target}"' in str(form)


def test_errors_of_a_formset_are_listed_with_those_of_its_forms() -> None:
    class Form(PortalForm):
        name = forms.CharField(label="Name")

    formset_class = forms.formset_factory(Form, extra=0, min_num=1, validate_min=True)
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": ""}
    formset = formset_class(data, form_kwargs={"empty_permitted": False})
    assert ("Fill in “Name”", "id_form-0-name") in linked_errors([formset])
    assert linked_errors([formset_class()]) == []


def test_a_message_of_its_own_is_left_alone() -> None:
    class Form(PortalForm):
        uln = forms.CharField(label="ULN", error_messages={"required": "Enter the ten digits of the ULN"})

    assert Form({}).errors["uln"] == ["Enter the ten digits of the ULN"]


def test_a_plain_django_form_looks_the_same() -> None:
    class Plain(forms.Form):
        email = forms.EmailField()

    form = Plain({})
    assert 'class="govuk-input govuk-input--error"' in str(form)
    assert linked_errors([form]) == [("Email: This field is required.", "id_email")]


def test_a_field_that_a_form_is_given_later_is_named_in_its_message_too():
    class Grown(PortalForm):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.fields["unit"] = forms.ChoiceField(label="Unit", choices=[("1", "One")])

    assert Grown({}).errors["unit"] == ["Choose an answer for “Unit”"]
