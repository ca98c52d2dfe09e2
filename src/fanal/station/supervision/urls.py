"""The supervisor's pages."""

from django.urls import path

from fanal.station.supervision import views

urlpatterns = [
    path("", views.board, name="board"),
    path("lane/<uuid:pk>/", views.lane, name="board_lane"),
    path("handover/", views.handover, name="handover"),
    path("overrides/", views.overrides, name="overrides"),
    path("statistics/", views.statistics, name="statistics"),
    path("export/<slug:what>/", views.export, name="export"),
]
