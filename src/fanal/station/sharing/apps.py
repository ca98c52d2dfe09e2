from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "fanal.station.sharing"
    label = "sharing"
