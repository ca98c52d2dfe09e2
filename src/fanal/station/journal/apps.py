from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "fanal.station.journal"
    label = "journal"
