"""Addresses of catalogue inside one AO."""

from django.urls import URLPattern, path

from awarding.catalogue.views import combination, editing, qualifications, scales, workbook

app_name = "catalogue"
urlpatterns: list[URLPattern] = [
    path("", qualifications.qualifications, name="list"),
    path("grade-scales/", scales.scales, name="scales"),
    path("grade-scales/new/", scales.scale_new, name="scale_new"),
    path("grade-scales/<int:scale_id>/", scales.scale_edit, name="scale"),
    path("sizes/", combination.families, name="families"),
    path("sizes/new/", combination.family_new, name="family_new"),
    path("sizes/<int:family_id>/", combination.family_edit, name="family"),
    path("sizes/<int:family_id>/remove/", combination.family_remove, name="family_remove"),
    path("<str:qan>/", qualifications.qualification, name="qualification"),
    path("<str:qan>/edit/", editing.edit, name="edit"),
    path("<str:qan>/rules/", combination.rules, name="rules"),
    path("<str:qan>/groups/new/", editing.group_new, name="group_new"),
    path("<str:qan>/groups/<int:group_id>/", editing.group_edit, name="group"),
    path("<str:qan>/groups/<int:group_id>/remove/", editing.group_remove, name="group_remove"),
    path("<str:qan>/units/new/", editing.unit_new, name="unit_new"),
    path("<str:qan>/units/<int:place_id>/", editing.unit_edit, name="unit"),
    path("<str:qan>/units/<int:place_id>/remove/", editing.unit_remove, name="unit_remove"),
    path("<str:qan>/units/workbook/", workbook.upload, name="units_upload"),
    path("<str:qan>/units/workbook/template/", workbook.template, name="units_template"),
    path("<str:qan>/units/workbook/load/", workbook.load, name="units_load"),
]
