from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "fanal.station.sharing"
    label = "sharing"
    board = "fanal.station.sharing.board.lines"
