from django.apps import AppConfig


class SecondaryConfig(AppConfig):
    name = "fanal.station.secondary"
    label = "secondary"
