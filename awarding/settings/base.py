"""What the portal is made of: apps, middleware, database, queue, files, mail, language."""

from __future__ import annotations

import os
from pathlib import Path

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from awarding.settings import environment

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STATE_DIR = Path(environment.text("PORTAL_STATE_DIR", str(BASE_DIR / "var")))
ENVIRONMENT = environment.text("PORTAL_ENV", "development")
DEMO = environment.boolean("PORTAL_DEMO")
DEBUG = environment.boolean("DEBUG")

# A folder with the register's public files; the demonstration takes the newest of each from it.
PUBLIC_DATA_DIR = Path(environment.text("PORTAL_DATA_DIR")) if os.environ.get("PORTAL_DATA_DIR") else None

SERVICE_NAME = environment.text("PORTAL_NAME", "Awarding portal")
PUBLIC_URL = environment.text("PUBLIC_URL", f"http://127.0.0.1:{environment.text('PORT', '8000')}").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "django_celery_beat",
    "csp",
    "awarding.tenancy",
    "awarding.accounts",
    "awarding.audit",
    "awarding.workflow",
    "awarding.findings",
    "awarding.frameworks",
    "awarding.jobs",
    "awarding.files",
    "awarding.notices",
    "awarding.catalogue",
    "awarding.enquiries",
    "awarding.ui",
    "centres",
    "mitigations",
    "qtag",
    "qa_sampling",
    "results",
    "demonstration",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last: it runs the view itself, inside the transaction that carries the tenant.
    "awarding.accounts.middleware.AudienceMiddleware",
]

ROOT_URLCONF = "awarding.urls"
WSGI_APPLICATION = "awarding.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "awarding.accounts.context.portal",
            ],
            "builtins": ["django.templatetags.i18n", "awarding.ui.templatetags.ui"],
        },
    },
]
FORM_RENDERER = "awarding.ui.forms.PortalRenderer"

# --- database: the application's role, or the owner's for migrations ---------------------------
_role = "DATABASE_OWNER_URL" if os.environ.get("PORTAL_DATABASE_ROLE") == "owner" else "DATABASE_URL"
DATABASES = {"default": environment.database(environment.text(_role, "postgres:///portal"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- broker and cache --------------------------------------------------------------------------
REDIS_URL = environment.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": environment.text("CACHE_PREFIX", "portal"),
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_DEFAULT_QUEUE = environment.text("CELERY_QUEUE", "portal")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Longer than the longest task, or a task that is still running would be delivered a second time.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": environment.integer("CELERY_VISIBILITY_TIMEOUT", 6 * 3600),
    "socket_connect_timeout": 3,
    "max_retries": 2,
    "interval_start": 0,
    "interval_max": 0.5,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_TIMEZONE = "Europe/London"
CELERY_BEAT_SCHEDULE = {
    # Notices are written once per key: every few hours is as good as once a day, and survives a morning without beat.
    "remind-of-monitorings": {"task": "centres.tasks.remind_of_monitorings", "schedule": 6 * 3600.0},
    "sweep-jobs": {"task": "awarding.jobs.tasks.sweep_jobs", "schedule": 30.0},
    "sweep-notices": {"task": "awarding.notices.tasks.sweep_notices", "schedule": 60.0},
    "sweep-invitations": {"task": "awarding.accounts.tasks.sweep_invitations", "schedule": 60.0},
    "watch-conditions": {"task": "mitigations.tasks.watch_conditions", "schedule": 3600.0},
    # In working hours: a reminder in the night is read by nobody. What a day off leaves over is sent on the next.
    "chase-centres": {
        "task": "mitigations.tasks_impact.chase_centres",
        "schedule": crontab(minute=15, hour="8-17", day_of_week="mon-fri"),
    },
    # Each message once, however often it runs: in working hours, so that it is read.
    "check-deadlines": {
        "task": "qtag.tasks.check_deadlines",
        "schedule": crontab(minute=35, hour="8-17", day_of_week="mon-fri"),
    },
    # A whole run learns anew from everything that was loaded and judged on the day.
    "sense-check": {"task": "qtag.tasks.check_every_ao", "schedule": crontab(hour=2, minute=10)},
    # Before the run of the night, so that it reads what is still kept.
    "erase-learners-groups": {
        "task": "qtag.tasks_characteristics.erase_learners_groups",
        "schedule": crontab(hour=1, minute=40),
    },
    "clear-sessions": {"task": "awarding.accounts.tasks.clear_sessions", "schedule": crontab(hour=3, minute=40)},
    "end-appeals": {"task": "mitigations.tasks.end_appeals", "schedule": 3600.0},
    "remind-overdue-enquiries": {"task": "awarding.enquiries.tasks.remind_overdue", "schedule": 3600.0},
}

# --- language and time -------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("cy", _("Welsh"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# --- files -------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [path for path in [STATE_DIR / "static-src"] if path.exists()]
PRIVATE_FILES_DIR = Path(environment.text("PRIVATE_FILES_DIR", str(STATE_DIR / "files")))
_S3_BUCKET = environment.text("S3_BUCKET", "")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": _S3_BUCKET,
                "endpoint_url": environment.text("S3_ENDPOINT_URL", "") or None,
                # Without a key of its own the machine's role is used, as clouds offer it.
                "access_key": environment.text("S3_ACCESS_KEY", "") or None,
                "secret_key": environment.text("S3_SECRET_KEY", "") or None,
                "region_name": environment.text("S3_REGION", "us-east-1"),
                "addressing_style": environment.text("S3_ADDRESSING_STYLE", "path"),
                "signature_version": "s3v4",
                "default_acl": "private",
                "file_overwrite": False,
            },
        }
        if _S3_BUCKET
        else {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            # No base_url: a private file has no address of its own, only views that check who asks.
            "OPTIONS": {"location": PRIVATE_FILES_DIR, "base_url": None, "file_permissions_mode": 0o600},
        }
    ),
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if ENVIRONMENT == "production"
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = ENVIRONMENT != "production"
EVIDENCE_MAX_BYTES = environment.integer("EVIDENCE_MAX_MB", 50) * 1024 * 1024
UPLOAD_MAX_BYTES = environment.integer("UPLOAD_MAX_MB", 20) * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- mail --------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = environment.text("MAIL_FROM", "Awarding portal <no-reply@portal.invalid>")
if environment.text("EMAIL_HOST", ""):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = environment.text("EMAIL_HOST")
    EMAIL_PORT = environment.integer("EMAIL_PORT", 587)
    EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = environment.boolean("EMAIL_USE_TLS", True)
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = STATE_DIR / "mail"

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    # Who may call what is decided by the audience each view declares, in one place for pages and API.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Awarding portal API",
    "DESCRIPTION": "Reads what the pages show, under the same rules, roles and tenancy.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.db.backends": {"level": "INFO"},
        # A page that is refused or not there is the visitor's business; our own faults are logged with their trace.
        "django.request": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
