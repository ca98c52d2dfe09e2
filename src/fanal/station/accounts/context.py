"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from fanal import __version__


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "lang": getattr(request, "lang", "en"),
        "officer": request.user if getattr(request, "user", None) and request.user.is_authenticated else None,
        "fanal_version": __version__,
    }
