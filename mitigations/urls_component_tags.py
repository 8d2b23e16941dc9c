"""Addresses of requests for component grades."""

from django.urls import path

from mitigations.views import component_tags as views

urlpatterns = [
    path("component-tags/", views.component_tags, name="component_tags"),
    path("component-tags/<int:component_tag_id>/", views.component_tag, name="component_tag"),
    path("component-tags/<int:component_tag_id>/edit/", views.edit_component_tag, name="edit_component_tag"),
    path("component-tags/<int:component_tag_id>/move/", views.move_component_tag, name="move_component_tag"),
    path("claims/<int:claim_id>/component-tags/", views.claim_component_tags, name="claim_component_tags"),
    path("claims/<int:claim_id>/component-tags/ask/", views.ask_component_tag, name="ask_component_tag"),
]
