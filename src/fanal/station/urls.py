"""Every route of the station."""

from django.urls import URLPattern, URLResolver, include, path

from fanal.station.accounts import passkeys
from fanal.station.accounts import views as accounts
from fanal.station.administration import views as administration
from fanal.station.api import endpoints as api
from fanal.station.api import views as machines
from fanal.station.crossings import views as crossings
from fanal.station.inspections import views as inspections
from fanal.station.lists import views as lists
from fanal.station.market import views as market
from fanal.station.privacy import views as privacy
from fanal.station.secondary import protection

urlpatterns: list[URLPattern | URLResolver] = [
    path("", accounts.home, name="home"),
    path("login/", accounts.sign_in, name="login"),
    path("logout/", accounts.sign_out, name="logout"),
    path("locked/", accounts.locked, name="locked"),
    path("login/second/", accounts.second, name="second"),
    path("login/second/passkey/begin/", passkeys.pass_begin, name="passkey_pass_begin"),
    path("login/second/passkey/complete/", passkeys.pass_complete, name="passkey_pass_complete"),
    path("account/", accounts.account, name="account"),
    path("account/second-factor/", accounts.second_factor_page, name="second_factor"),
    path("account/passkey/begin/", passkeys.enrol_begin, name="passkey_enrol_begin"),
    path("account/passkey/complete/", passkeys.enrol_complete, name="passkey_enrol_complete"),
    path("language/", accounts.language, name="language"),
    path("inspect/", inspections.new, name="inspect"),
    path("inspect/lane/", inspections.choose_lane, name="choose_lane"),
    path("inspect/mrz/", inspections.mrz_help, name="mrz_help"),
    path("inspect/first-look/", inspections.first_look, name="first_look"),
    path("inspect/later/", inspections.later, name="later"),
    path("inspect/waiting/", inspections.waiting, name="waiting"),
    path("inspect/<uuid:pk>/", inspections.show, name="inspection"),
    path("inspect/<uuid:pk>/decide/", crossings.decide_view, name="decide"),
    path("evidence/<uuid:pk>/", inspections.picture, name="picture"),
    path("crossings/", crossings.search, name="crossings"),
    path("crossings/<uuid:pk>/", crossings.crossing, name="crossing"),
    path("crossings/<uuid:pk>/correct/", crossings.correct_view, name="correct"),
    path("crossings/<uuid:pk>/missed-exit/", crossings.missed_exit, name="missed_exit"),
    path("persons/<uuid:pk>/", crossings.person, name="person"),
    path("market/", market.market, name="market"),
    path("market/balance/", market.balance, name="balance"),
    path("market/registered/", market.registered, name="registered"),
    path("market/register/<uuid:pk>/", market.register_view, name="register"),
    path("market/card/<uuid:pk>/", market.card, name="card"),
    path("market/card/<uuid:pk>/code/", market.card_code, name="card_code"),
    path("market/card/<uuid:pk>/end/", market.end_view, name="end_registration"),
    path("lists/", lists.index, name="lists"),
    path("lists/<uuid:pk>/", lists.show, name="list"),
    path("lists/<uuid:pk>/export/", lists.export, name="list_export"),
    path("lists/entries/<uuid:pk>/", lists.entry, name="list_entry"),
    path("lists/entries/<uuid:pk>/photo/", lists.photo, name="list_photo"),
    path("lists/imports/<uuid:pk>/", lists.list_import, name="list_import"),
    path("rules/", lists.rules, name="rules"),
    path("rules/<uuid:pk>/", lists.rule, name="rule"),
    path("bulletins/from/<uuid:pk>/", lists.bulletin, name="bulletin"),
    path("hits/", lists.hit_queue, name="hits"),
    path("hits/<uuid:pk>/", lists.hit, name="hit"),
    path("hits/<uuid:pk>/move/", lists.move_hit, name="move_hit"),
    path("protect/", protection.protect_view, name="protect"),
    path("", include("fanal.station.secondary.urls")),
    path("board/", include("fanal.station.supervision.urls")),
    path("sharing/", include("fanal.station.sharing.urls")),
    path("administration/", include("fanal.station.administration.urls")),
    path("notices/", administration.notices_to_travellers, name="notices"),
    path("privacy/", privacy.index, name="privacy"),
    path("privacy/<uuid:pk>/", privacy.person, name="privacy_person"),
    path("privacy/<uuid:pk>/correct/", privacy.correct, name="privacy_correct"),
    path("privacy/<uuid:pk>/access/<str:form>/", privacy.access, name="privacy_access"),
    path("privacy/<uuid:pk>/place/<str:kind>/", privacy.place, name="privacy_place"),
    path("privacy/<uuid:pk>/lift/<str:kind>/<uuid:placed>/", privacy.lift, name="privacy_lift"),
    path("machines/", machines.tokens, name="tokens"),
    path("machines/<uuid:pk>/revoke/", machines.revoke, name="token_revoke"),
    path("api/", api.urls()),
    path("health/", accounts.health, name="health"),
]
