from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "fanal.station.api"
    label = "api"
