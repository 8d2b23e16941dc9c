from django.urls import path

from awarding.findings import views

app_name = "findings"

urlpatterns = [
    path("", views.rule_list, name="rules"),
    path("<str:rule_id>/", views.rule_page, name="rule"),
]
