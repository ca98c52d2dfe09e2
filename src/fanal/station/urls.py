"""Every route of the station."""

from django.urls import URLPattern, URLResolver, path

from fanal.station.accounts import views as accounts

urlpatterns: list[URLPattern | URLResolver] = [
    path("", accounts.home, name="home"),
    path("login/", accounts.sign_in, name="login"),
    path("logout/", accounts.sign_out, name="logout"),
    path("locked/", accounts.locked, name="locked"),
    path("account/", accounts.account, name="account"),
    path("language/", accounts.language, name="language"),
    path("health/", accounts.health, name="health"),
]
