from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "fanal.station.accounts"
    label = "accounts"
