"""The pages of secondary inspection."""

from django.urls import path

from fanal.station.secondary import views

urlpatterns = [
    path("cases/", views.queue, name="cases"),
    path("cases/<uuid:pk>/", views.case, name="case"),
    path("cases/<uuid:pk>/move/", views.move, name="case_move"),
    path("cases/<uuid:pk>/form/", views.form, name="case_form"),
    path("cases/<uuid:pk>/look/<uuid:evidence>/", views.look, name="case_look"),
    path("cases/<uuid:pk>/crop/<uuid:evidence>/", views.crop, name="case_crop"),
]
