from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "fanal.station.privacy"
    label = "privacy"
