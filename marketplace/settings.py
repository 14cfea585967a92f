"""All settings, in one file. Values come from the environment (see .env.example); local defaults need no server.

`ONETAKE_ENV` is `local` (made by `make setup`), `test` or `production`, the default: an unset environment is the
strictest one.
"""

from datetime import timedelta
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from marketplace import env

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")  # what the shell sets wins

ENVIRONMENT = env.read_choice("ONETAKE_ENV", default="production", choices=("local", "test", "production"))
IS_PRODUCTION = ENVIRONMENT == "production"
VAR_DIR = Path(env.read_text("ONETAKE_VAR", default=str(BASE_DIR / "var")))
if ENVIRONMENT == "local":
    load_dotenv(VAR_DIR / "launcher.env")  # where the running launcher put the broker and the sandbox

# Security -------------------------------------------------------------------------------------------------------------
DEBUG = env.read_bool("DEBUG", default=False)
SECRET_KEY = env.read_text("SECRET_KEY")
SITE_URL = env.read_text("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.read_list("ALLOWED_HOSTS", default="" if IS_PRODUCTION else "127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
IS_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.read_bool("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "marketplace.pages.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Checkout answers the form with a redirect, and browsers hold redirects against form-action too.
        "form-action": [SELF, "https://checkout.stripe.com"],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
LARGER_BODIES = {"/verify/file/": 64 * 1_048_576}  # read through and forgotten, never stored

# Apps -----------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "marketplace",
    "accounts",
    "marketplace.catalog",
    "marketplace.rights",
    "generator",
    "payments",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "marketplace.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.pages.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.CurrentCompanyMiddleware",
    "accounts.middleware.EndedSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "marketplace.pages.AppErrorMiddleware",
]
ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
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
            ],
        },
    }
]

# Data -----------------------------------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_URL = env.read_text(
    "DATABASE_URL", default="" if IS_PRODUCTION else f"sqlite:///{VAR_DIR / 'onetake.sqlite3'}"
)
if not DATABASE_URL:
    raise ImproperlyConfigured(
        "DATABASE_URL is not set. In production give PostgreSQL: postgresql://user:password@host/name"
    )
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # A transaction that may write takes the write lock at once: a DEFERRED one is locked out when it upgrades.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }

REDIS_URL = env.read_text("REDIS_URL", default="" if IS_PRODUCTION else "redis://127.0.0.1:6379/0")
if not REDIS_URL:
    raise ImproperlyConfigured("REDIS_URL is not set. In production give Redis or Valkey: redis://host:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "onetake",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Files: private always. The web process streams them with Range, or S3 signs a link ----------------------------------
S3_BUCKET = env.read_text("S3_BUCKET", default="")
S3_ENDPOINT_URL = env.read_text("S3_ENDPOINT_URL", default="").rstrip("/")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": S3_ENDPOINT_URL or None,
                "region_name": env.read_text("S3_REGION", default="") or None,
                "default_acl": "private",
                "querystring_auth": True,
                "querystring_expire": 600,
                "file_overwrite": True,
            },
        }
        if S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(VAR_DIR / "files")}}
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if S3_BUCKET:  # <audio> follows the redirect to the signed link, and the policy holds redirects too
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["media-src"].append(S3_ENDPOINT_URL or "https://*.amazonaws.com")
SIGNING_KEY = env.read_text("SIGNING_KEY", default="")  # PEM; unset: made in VAR_DIR when first needed
SIGNING_KEY_PATH = VAR_DIR / "signing-key.pem"
# PEM of a public CA, the signer's certificate first, and its key, for Content Credentials; unset: a chain of our own
CREDENTIAL_CERTIFICATES = env.read_text("CREDENTIAL_CERTIFICATES", default="")
CREDENTIAL_KEY = env.read_text("CREDENTIAL_KEY", default="")
MARK_KEYS = env.read_list("MARK_KEY")  # oldest first, see rights.mark_keys; unset: made in VAR_DIR when first needed
MARK_KEY_PATH = VAR_DIR / "mark-key"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# People ---------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "rights:library"
LOGOUT_REDIRECT_URL = "landing"
ACCOUNTS_COMPANY_MERGERS = ["generator.services.move_jobs", "marketplace.catalog.services.move_tracks"]
"""Called with source= and target= company when a visitor's work joins a company (accounts knows neither app). Jobs
first: moving one waits for a track that it is just registering, which then moves with the others."""
EMAIL_BACKEND = env.read_text(
    "EMAIL_BACKEND",
    default=f"django.core.mail.backends.{'smtp' if IS_PRODUCTION else 'console'}.EmailBackend",
)
EMAIL_HOST = env.read_text("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.read_int("EMAIL_PORT", default=25, minimum=1, maximum=65535)
EMAIL_HOST_USER = env.read_text("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.read_text("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.read_bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10  # seconds: a server that accepts and then says nothing would hold who writes to it for ever
DEFAULT_FROM_EMAIL = env.read_text("DEFAULT_FROM_EMAIL", default="Onetake <onetake@localhost>")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"

# Jobs -----------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL  # chords count their parts there; the row, not the result, is the truth
CELERY_RESULT_EXPIRES = timedelta(hours=1)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TRACK_STARTED = False
CELERY_TASK_IGNORE_RESULT = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 300  # a child loads and compiles the networks before it reports
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A lost worker's messages come back after this. A longer task is sent twice, which its lease makes harmless.
    "visibility_timeout": 60,
    "unacked_restore_interval": 5,
}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "generator.tasks.write_plan": {"queue": "compose"},
    "generator.tasks.compose_lead": {"queue": "compose"},
    "generator.tasks.compose_part": {"queue": "compose"},
    "generator.tasks.finish_track": {"queue": "render"},
    "generator.tasks.write_files": {"queue": "files"},
    "generator.tasks.build_pack": {"queue": "pack"},
    # What waits for Stripe, for a mail server or for a whole storage: no preview and no sweep for one waits behind it.
    "payments.tasks.*": {"queue": "books"},
    "marketplace.rights.tasks.*": {"queue": "books"},
}
CELERY_BEAT_SCHEDULE = {
    "generator-sweep": {"task": "generator.tasks.sweep_jobs", "schedule": 5.0},
    "generator-sweep-packs": {"task": "generator.tasks.sweep_packs", "schedule": 5.0},
    "rights-sign-head": {"task": "marketplace.rights.tasks.sign_head", "schedule": 3600.0},
    "rights-remove-orphans": {
        "task": "marketplace.rights.tasks.remove_orphans",
        "schedule": crontab(hour=3, minute=50),
    },
    "payments-reconcile": {"task": "payments.tasks.reconcile", "schedule": 30.0},
    "payments-look-for-returns": {"task": "payments.tasks.look_for_returns", "schedule": 3600.0},
    "payments-remind-of-deadlines": {"task": "payments.tasks.remind_of_deadlines", "schedule": 3600.0},
    "payments-send-letters": {"task": "payments.tasks.send_letters", "schedule": 30.0},
    "payments-check-books": {"task": "payments.tasks.check_books", "schedule": crontab(hour=3, minute=20)},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

GENERATION_LEASE = timedelta(seconds=env.read_int("GENERATION_LEASE_SECONDS", default=20, minimum=2, maximum=600))
GENERATION_MAX_ATTEMPTS = 4
PACK_LEASE = timedelta(minutes=2)
PACK_MAX_ATTEMPTS = 4
PACK_RETRY = timedelta(hours=1)
"""A pack that failed is tried afresh after this: by then the disk may have room, or a fix been deployed."""
GENERATION_MAX_ACTIVE_PER_COMPANY = env.read_int("GENERATION_MAX_ACTIVE", default=4, minimum=1, maximum=1000)
VISITOR_TRACKS_PER_ADDRESS_PER_HOUR = env.read_int("VISITOR_TRACKS_PER_HOUR", default=5, minimum=0, maximum=100_000)

# Selling --------------------------------------------------------------------------------------------------------------
FIRST_REFUSAL = timedelta(hours=env.read_int("FIRST_REFUSAL_HOURS", default=24, minimum=0, maximum=8760))
DEFAULT_PRICE = env.read_int("DEFAULT_PRICE", default=24_900, minimum=100, maximum=99_999_999)  # minor units
DEFAULT_CURRENCY = env.read_text("DEFAULT_CURRENCY", default="eur")
OTHER_PRICES = env.read_amounts("OTHER_PRICES")
"""DEFAULT_PRICE in other currencies, in their minor units: {"usd": 26900, "jpy": 40000}."""
OWNERS_MAY_ASSIGN = env.read_bool("OWNERS_MAY_ASSIGN", default=False)
"""May owners pass their rights on by themselves? Else the operator does, with `manage.py assign_track`."""
DISPUTE_PAPERS = ["generator.papers.list_papers", "payments.papers.list_papers"]
"""Called with track= and company= for what other apps add to a dispute pack (rights knows none of them)."""
SELLER_NAME = env.read_text("SELLER_NAME", default="Onetake")
SELLER_ADDRESS = [line.strip() for line in env.read_text("SELLER_ADDRESS", default="").split("|") if line.strip()]
"""Its lines, as they stand on invoices."""
SELLER_COUNTRY = env.read_text("SELLER_COUNTRY", default="").upper()
SELLER_VAT_NUMBER = env.read_text("SELLER_VAT_NUMBER", default="")
TAX = env.read_choice("TAX", default="none", choices=("none", "vat", "stripe"))
"""What comes on top of the prices: nothing, the VAT of SELLER_COUNTRY, or what Stripe Tax works out."""
VAT_PERCENT = env.read_decimal("VAT_PERCENT", default="0", minimum="0", maximum="50")
INVOICE_SERIES = env.read_text("INVOICE_SERIES", default="INV")
CREDIT_NOTE_SERIES = env.read_text("CREDIT_NOTE_SERIES", default="CN")
CHECKOUT_HOLD = timedelta(minutes=env.read_int("CHECKOUT_HOLD_MINUTES", default=31, minimum=31, maximum=1430))
STRIPE_SECRET_KEY = env.read_text("STRIPE_SECRET_KEY", default="" if IS_PRODUCTION else "sk_test_sandbox")
STRIPE_WEBHOOK_SECRETS = env.read_list("STRIPE_WEBHOOK_SECRET", default="" if IS_PRODUCTION else "whsec_sandbox")
STRIPE_API_BASE = env.read_text("STRIPE_API_BASE", default="")  # set by the launcher to the sandbox, else Stripe itself
STRIPE_TAX_CODE = env.read_text("STRIPE_TAX_CODE", default="")  # for TAX=stripe; unset: the preset of your account
STRIPE_INVOICES = env.read_bool("STRIPE_INVOICES", default=False)  # Stripe's own invoices, beside ours
STRIPE_TIMEOUT_SECONDS = env.read_int("STRIPE_TIMEOUT_SECONDS", default=10, minimum=1, maximum=80)
if STRIPE_API_BASE:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(STRIPE_API_BASE)

# API ------------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["marketplace.api_parsers.NestingJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "marketplace.api_errors.handle_exception",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.read_text("API_RATE", default="600/min")},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Onetake API",
    "DESCRIPTION": "Brief, generate, listen, buy and download ad music that is sold once.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "TrackStatusEnum": "marketplace.catalog.models.Track.Status",
        "GenerationStatusEnum": "generator.models.GenerationJob.Status",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {
        # Not being ready is an answer, not an error of ours; balancers ask every few seconds.
        "not_readyz": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(getattr(record, "request", None), "path", "") != "/readyz",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["not_readyz"]}},
    "loggers": {"stripe": {"level": "WARNING"}},  # at INFO it tells every request
    "root": {
        "handlers": ["console"],
        "level": env.read_choice("LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}
