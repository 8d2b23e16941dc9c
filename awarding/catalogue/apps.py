from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "awarding.catalogue"
    label = "catalogue"
