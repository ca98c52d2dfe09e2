from django.apps import AppConfig


class MarketConfig(AppConfig):
    name = "fanal.station.market"
    label = "market"
