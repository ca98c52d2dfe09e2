"""Routes under sharing/."""

from django.urls import path

from fanal.station.sharing import views

urlpatterns = [
    path("", views.sharing, name="sharing"),
    path("bulletin/<uuid:pk>/", views.bulletin, name="sharing_bulletin"),
    path("trust/", views.trust, name="sharing_trust"),
    path("trust/<uuid:pk>/", views.import_trust, name="sharing_trust_import"),
    path("data/<uuid:pk>/withdraw/", views.withdraw, name="sharing_withdraw"),
    path("confirm/<uuid:pk>/", views.confirm, name="sharing_confirm"),
    path("ask/<uuid:inspection>/<uuid:pk>/", views.ask_owner, name="sharing_ask"),
    path("give/<uuid:pk>/", views.give, name="sharing_give"),
]
