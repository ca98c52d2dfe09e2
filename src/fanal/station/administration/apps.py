from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "fanal.station.administration"
    label = "administration"
