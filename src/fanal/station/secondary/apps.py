from django.apps import AppConfig


class SecondaryConfig(AppConfig):
    name = "fanal.station.secondary"
    label = "secondary"

    def ready(self) -> None:
        from fanal.station.crossings.signals import referred
        from fanal.station.secondary.services import open_case

        referred.connect(open_case, dispatch_uid="secondary.open_case")
