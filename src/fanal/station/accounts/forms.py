"""Signing in, unlocking, changing one's password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.http import HttpRequest

from fanal.station.accounts.models import Officer


class SignInForm(forms.Form):
    username = forms.CharField(max_length=64)
    password = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.officer: Officer | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "username" in data and "password" in data:
            officer = authenticate(self.request, username=data["username"], password=data["password"])
            if officer is None:
                raise forms.ValidationError("login.wrong", code="wrong")
            self.officer = officer
        return data


class PasswordForm(forms.Form):
    current = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)
    new = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)
    again = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.officer = officer

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.officer.check_password(data.get("current", "")):
            self.add_error("current", forms.ValidationError("account.wrong_password", code="wrong"))
        if data.get("new") != data.get("again"):
            self.add_error("again", forms.ValidationError("account.not_the_same", code="differ"))
        elif data.get("new"):
            try:
                password_validation.validate_password(data["new"], self.officer)
            except forms.ValidationError:
                self.add_error("new", forms.ValidationError("account.weak_password", code="weak"))
        return data
