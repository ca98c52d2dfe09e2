from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "fanal.station.supervision"
    label = "supervision"
