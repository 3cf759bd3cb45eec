"""Every setting, read from the environment; unset means a safe single machine."""

import hashlib
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import beat
from config.environment import (
    data_folder,
    database,
    env,
    flag,
    http_address,
    kept_key,
    mail_provider,
    mail_server,
    one_of,
    positive,
    secret,
    secrets_beginning,
    whole,
)
from config.openapi import ENUM_NAMES

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")

# Where the embedded database, the secret key and the demo's mail go.
DATA_DIR = data_folder("MENDLINE_DATA", BASE_DIR / ".data")

SECRET_KEY = secret("SECRET_KEY") or kept_key(DATA_DIR)
DEBUG = flag("DEBUG", default=False)
PORT = positive("PORT", 8000)
if PORT > 65535:
    raise ImproperlyConfigured(f"PORT must be at most 65535, not {PORT}")
# The address patients and staff reach us at; links in messages start with it.
SITE_URL = http_address("MENDLINE_URL", f"http://localhost:{PORT}")
IS_HTTPS = urlsplit(SITE_URL).scheme == "https"
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=[str(urlsplit(SITE_URL).hostname), "localhost", "127.0.0.1", "[::1]"],
)

INSTALLED_APPS = [
    # First, because its sign-in pages stand in for those of allauth.
    "clinic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "patients",
    "plans",
    "outcomes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "outcomes.survey.refusals.PatientsRefusalMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.middleware.NothingKeptMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "clinic.middleware.CurrentClinicMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "outcomes.in_clinic.middleware.TabletMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.context.workplace",
                "outcomes.follow_ups.guard.banner.sending",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------
DATABASES = {
    "default": database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'mendline.sqlite3'}")
}
IS_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if IS_SQLITE:
    DATABASES["default"]["ENGINE"] = "config.sqlite"
    # IMMEDIATE takes the write lock up front: a read that turns into a write can
    # otherwise fail with "database is locked" however long the timeout is.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA foreign_keys=ON; PRAGMA cache_size=-20000; "
            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=134217728; "
            "PRAGMA journal_size_limit=67108864"
        ),
    }
else:
    options = DATABASES["default"].setdefault("OPTIONS", {})
    # The JIT costs more than it saves on queries of this size.
    options.setdefault("options", "-c jit=off")
    # Of a statement through clinic.prepared: run so often, its plan is kept.
    options.setdefault("prepare_threshold", 5)
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Broker, tasks and cache ------------------------------------------------
# `make run` starts an embedded broker and sets this to its socket.
REDIS_URL = env.str("REDIS_URL", default="")
IS_UNIX_BROKER = REDIS_URL.startswith("unix://")
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1) if IS_UNIX_BROKER else REDIS_URL
)
# How long a claimed message belongs to the worker that claimed it.
MESSAGE_LEASE = timedelta(seconds=positive("MESSAGE_LEASE_SECONDS", 300))
CELERY_TASK_TIME_LIMIT = 100
# A sender claims for a minute, and then records for as long as its lease lasts.
SENDING_TIME_LIMIT = int(MESSAGE_LEASE.total_seconds()) + 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the longest task. The scan for lost messages runs every 5 seconds;
    # with the library's defaults it would be every 100.
    "visibility_timeout": max(SENDING_TIME_LIMIT, CELERY_TASK_TIME_LIMIT) + 20,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Never give up on a broker that is away; by default a worker ends after 100 tries.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
# A slow mail server holds up other mail, and never texts or the tick: each queue has a
# worker.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"celery": {}, "mail": {}, "text": {}}
CELERY_TASK_ROUTES = {
    "outcomes.send_email": {"queue": "mail"},
    "outcomes.send_sms": {"queue": "text"},
    "outcomes.send_message": {"queue": "mail"},
    "outcomes.send_text": {"queue": "text"},
    "outcomes.tell_staff": {"queue": "text"},
    "outcomes.sign_of_text": {"queue": "text"},
    "outcomes.sign_of_mail": {"queue": "mail"},
    "outcomes.answer_inbound": {"queue": "mail"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = beat.schedule(tick_seconds=positive("TICK_SECONDS", 60))
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- The follow-up engine ---------------------------------------------------
# Moves every process's clock; for rehearsals and tests only.
CLOCK_OFFSET = timedelta(seconds=whole("CLOCK_OFFSET_SECONDS", 0))
# Set while a copy of the database is started: each clinic's messages wait until a
# person there releases them.
SEND_HOLD = flag("SEND_HOLD", default=False)
# Who reads /metrics from elsewhere says this; without one only this machine may.
METRICS_TOKEN = secret("METRICS_TOKEN")
# Keys the tokens of survey links made from now on; those that are out stay good.
LINK_KEY = (
    secret("LINK_KEY") or hashlib.sha256(f"link:{SECRET_KEY}".encode()).hexdigest()
)

# --- E-mail -----------------------------------------------------------------
MAILBOX_DIR = DATA_DIR / "mail"
OUTBOX_JOURNALS = DATA_DIR / "outbox"
EMAIL_URL = env.str("EMAIL_URL", default="")
# A provider's web service instead of its SMTP server.
EMAIL_PROVIDER = mail_provider("EMAIL_PROVIDER")
if EMAIL_URL and EMAIL_PROVIDER:
    raise ImproperlyConfigured("Set EMAIL_URL or EMAIL_PROVIDER, not both")
if EMAIL_URL:
    vars().update(mail_server("EMAIL_URL"))
elif EMAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend"
else:
    EMAIL_BACKEND = "outcomes.follow_ups.channels.mailbox.EmailBackend"
EMAIL_TIMEOUT = 30
ANYMAIL = {
    # A link that is rewritten is seen by the provider, and no longer neutral.
    "SEND_DEFAULTS": {"track_clicks": False, "track_opens": False},
    "IGNORE_UNSUPPORTED_FEATURES": True,
    # To connect, and to answer.
    "REQUESTS_TIMEOUT": (5, 25),
    # The provider's keys, such as ANYMAIL_POSTMARK_SERVER_TOKEN.
    **secrets_beginning("ANYMAIL_"),
}
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="follow-up@localhost")
# Signs what our own mail server hands on to us; without it nothing is taken.
MAIL_WEBHOOK_KEY = secret("MAIL_WEBHOOK_KEY")

# --- Text messages ----------------------------------------------------------
# "console" keeps them in MAILBOX_DIR, where a demo's always stay.
SMS_PROVIDER = one_of("SMS_PROVIDER", "CONSOLE", {"CONSOLE", "TWILIO"}).lower()
SMS_API_URL = http_address("SMS_API_URL", "https://api.twilio.com")
SMS_ACCOUNT = env.str("SMS_ACCOUNT", default="")
SMS_TOKEN = secret("SMS_TOKEN")
# What the provider signs its calls with, where that is not the token.
SMS_WEBHOOK_KEY = secret("SMS_WEBHOOK_KEY", SMS_TOKEN)
if SMS_PROVIDER == "twilio" and not (SMS_ACCOUNT and SMS_TOKEN):
    raise ImproperlyConfigured("SMS_PROVIDER=twilio needs SMS_ACCOUNT and SMS_TOKEN")

# --- Sign-in ----------------------------------------------------------------
AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
ACCOUNT_ADAPTER = "clinic.sign_in.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# Whose tries are counted together: with 0 it is the address that connects to us, and
# with more the one that so many proxies before us saw, from X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = whole("TRUSTED_PROXY_COUNT", 0)
if ALLAUTH_TRUSTED_PROXY_COUNT < 0:
    raise ImproperlyConfigured("TRUSTED_PROXY_COUNT must be a whole number, 0 or above")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clinic.views.csrf_failed"

# --- Browser security -------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
# Under "no-referrer" browsers send "Origin: null", and every form would be refused.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if IS_HTTPS:
    SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # A load balancer and who watches ask on plain http.
    SECURE_REDIRECT_EXEMPT = ["^healthz", "^metrics$"]
# To be on the browsers' preload list is for the owner of the whole domain to decide.
# W040: SQLite knows no columns beside the keys of an index; see clinic/indexes.py.
SILENCED_SYSTEM_CHECKS = ["security.W021", "models.W040"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- API --------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinic.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clinic.permissions.MayAct"],
    "DEFAULT_PAGINATION_CLASS": "clinic.api_pages.Pages",
    "DEFAULT_FILTER_BACKENDS": ["clinic.api_filters.StrictFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["clinic.api_parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.error_response",
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mendline",
    "DESCRIPTION": "Treatment plans and outcome tracking for musculoskeletal clinics.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.without_column_limits",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

# --- Language, time, static files -------------------------------------------
LANGUAGE_CODE = "en-us"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Only the copies named by their content are served, and nobody needs the debugging
# maps of the API page compressed: it would make a first start 10 seconds longer.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("gz", "map", "png", "woff2")

# --- Logs: ids and codes only, never a name, an address or an answer ----------
LOG_LEVEL = one_of(
    "LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
)
# Where the web server writes its requests: "-" is the standard output.
ACCESS_LOG = env.str("ACCESS_LOG", default="-")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.redaction.RedactingFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"celery": {"level": "WARNING"}},
}
