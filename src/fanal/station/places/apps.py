from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "fanal.station.places"
    label = "places"
