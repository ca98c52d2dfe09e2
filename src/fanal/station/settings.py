"""Django settings of one station, from its environment. Everything has a safe default for a laptop.

| variable | meaning |
| --- | --- |
| FANAL_HOME | the folder of this station's data (default: the user's data folder, `fanal`) |
| DATABASE_URL | `postgresql://user:password@host:port/name`; without it SQLite in FANAL_HOME |
| FANAL_PRODUCTION | `1`: no demonstration users, secure cookies, secrets must be given |
| FANAL_SECRET_KEY | the signing key; in production required, else made once and kept in FANAL_HOME |
| FANAL_HOSTS | host names, separated by commas, that this station answers to |
| FANAL_STATION | this station's name on its signed record, without spaces: `immigration.example/malpasse` |
| FANAL_SECOND_FACTOR | roles that must have a second factor, or `all` or `none` (in production `all`) |
| FANAL_IDLE_MINUTES | the screen locks after so many minutes without a request (default 10) |
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured

BASE = Path(__file__).resolve().parent


def _data_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    home = Path(os.environ.get("FANAL_HOME") or Path(base) / "fanal")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


HOME = _data_home()
PRODUCTION = os.environ.get("FANAL_PRODUCTION") == "1"
FANAL_STATION = os.environ.get("FANAL_STATION", "fanal.invalid/station")
DEBUG = False


def _secret_key() -> str:
    """The key from the environment; on a laptop one that is made once and readable by its owner only."""
    if key := os.environ.get("FANAL_SECRET_KEY"):
        if PRODUCTION and len(key) < 40:
            raise ImproperlyConfigured("FANAL_SECRET_KEY is too short: 40 characters or more, from a random source")
        return key
    if PRODUCTION:
        raise ImproperlyConfigured("FANAL_SECRET_KEY is not set")
    path = HOME / "secret-key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()


SECRET_KEY = _secret_key()


def _database() -> dict[str, Any]:
    """One code path for SQLite and PostgreSQL; what differs is said here."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "station.sqlite3",
            "OPTIONS": {
                # Writers queue instead of failing with "database is locked"; WAL lets readers go on meanwhile.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: what a page confirmed survives a power cut (NORMAL may lose the last commits in WAL mode).
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "CONN_MAX_AGE": 600,
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL is a postgresql:// address")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
    "template_partials",
    "fanal.station",
    "fanal.station.accounts",
    "fanal.station.places",
    "fanal.station.journal",
    "fanal.station.inspections",
    "fanal.station.crossings",
    "fanal.station.sharing",
    "fanal.station.administration",
    "fanal.station.secondary",
    "fanal.station.supervision",
    "fanal.station.market",
    "fanal.station.privacy",
    "fanal.station.api",
    "fanal.station.lists",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "fanal.station.accounts.middleware.Language",
    "fanal.station.accounts.middleware.IdleLock",
    "fanal.station.accounts.middleware.Unfinished",
    "fanal.station.accounts.middleware.Permission",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fanal.station.urls"
WSGI_APPLICATION = "fanal.station.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fanal.station.accounts.context.page",
            ],
            "builtins": ["fanal.station.templatetags.fanal", "template_partials.templatetags.partials"],
        },
    }
]

AUTH_USER_MODEL = "accounts.Officer"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"

# Lockout: five wrong passwords for one name from one address, then a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "fanal.station.accounts.views.locked_out"
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]

ALLOWED_HOSTS = [h for h in os.environ.get("FANAL_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]

# The second factor: whose roles must have one. A passkey is bound to the host name of the page.
FANAL_SECOND_FACTOR = frozenset(
    part for part in os.environ.get("FANAL_SECOND_FACTOR", "all" if PRODUCTION else "none").split(",") if part
)
OTP_TOTP_ISSUER = "Fanal"
OTP_WEBAUTHN_HELPER_CLASS = "fanal.station.accounts.second_factor.PasskeyHelper"
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
OTP_WEBAUTHN_RP_NAME = "Fanal"
OTP_WEBAUTHN_RP_ID = ALLOWED_HOSTS[0] if ALLOWED_HOSTS else "localhost"  # the helper takes the page's own
OTP_WEBAUTHN_ALLOWED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if "*" not in host and "[" not in host]

SESSION_COOKIE_AGE = 12 * 3600  # a shift
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
FANAL_IDLE_SECONDS = int(float(os.environ.get("FANAL_IDLE_MINUTES", "10")) * 60)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

LANGUAGES = [("en", "English"), ("es", "Español"), ("fr", "Français"), ("ht", "Kreyòl ayisyen")]
LANGUAGE_CODE = "en"
# Django has no Haitian Creole of its own.
LANG_INFO["ht"] = {"bidi": False, "code": "ht", "name": "Haitian Creole", "name_local": "Kreyòl ayisyen"}
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("FANAL_TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(exist_ok=True)
MEDIA_ROOT = HOME / "evidence"

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 64

# The log never holds a name, a number or an image: only ids and kinds of events.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "fanal.station.logs.Formatter", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's warnings name the address that was asked for, and anyone can put anything there.
    "loggers": {"axes": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}
