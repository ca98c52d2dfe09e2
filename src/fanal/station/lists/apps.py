from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "fanal.station.lists"
    label = "lists"
    board = "fanal.station.lists.board.lines"

    def ready(self) -> None:
        from fanal.station.inspections.signals import inspected
        from fanal.station.lists.hits import screen_inspected

        inspected.connect(screen_inspected, dispatch_uid="lists.screen")
