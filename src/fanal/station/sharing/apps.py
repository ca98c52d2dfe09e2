from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "fanal.station.sharing"
    label = "sharing"
    board = "fanal.station.sharing.board.lines"

    def ready(self) -> None:
        from fanal.station.lists import signals
        from fanal.station.sharing import given

        signals.came_into_force.connect(given.came_into_force, dispatch_uid="sharing.given")
        signals.ended.connect(given.ended, dispatch_uid="sharing.ended")
