"""Addresses of jobs inside one AO."""

from django.urls import URLPattern, path

from awarding.jobs import views

app_name = "jobs"
urlpatterns: list[URLPattern] = [
    path("", views.job_list, name="list"),
    path("<int:job_id>/", views.job_page, name="detail"),
    path("<int:job_id>/progress/", views.job_progress, name="progress"),
    path("<int:job_id>/result/", views.job_result, name="result"),
    path("<int:job_id>/cancel/", views.cancel, name="cancel"),
]
