from django.apps import AppConfig


class CrossingsConfig(AppConfig):
    name = "fanal.station.crossings"
    label = "crossings"
