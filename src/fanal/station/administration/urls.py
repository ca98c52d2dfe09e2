"""The administrator's pages."""

from django.urls import path

from fanal.station.administration import views

urlpatterns = [
    path("", views.station, name="administration"),
    path("officers/", views.officers, name="administration_officers"),
    path("officers/<uuid:pk>/", views.officer, name="administration_officer"),
    path("points/", views.points, name="administration_points"),
    path("points/<uuid:pk>/", views.point, name="administration_point"),
    path("agencies/", views.agencies, name="administration_agencies"),
    path("notices/", views.notices, name="administration_notices"),
    path("retention/", views.retention, name="administration_retention"),
]
