from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    name = "fanal.station.journal"
    label = "journal"

    def ready(self) -> None:
        from fanal.station.immutable import protect

        post_migrate.connect(protect, dispatch_uid="fanal.station.immutable")
