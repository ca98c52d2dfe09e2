from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "fanal.station.inspections"
    label = "inspections"
