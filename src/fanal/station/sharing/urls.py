"""Routes under sharing/."""

from django.urls import path

from fanal.station.sharing import views

urlpatterns = [
    path("", views.sharing, name="sharing"),
    path("report/", views.report, name="sharing_report"),
    path("data/<uuid:pk>/withdraw/", views.withdraw, name="sharing_withdraw"),
    path("confirm/<uuid:pk>/", views.confirm, name="sharing_confirm"),
    path("ask/<uuid:inspection>/<uuid:pk>/", views.ask_owner, name="sharing_ask"),
    path("give/<uuid:pk>/", views.give, name="sharing_give"),
]
