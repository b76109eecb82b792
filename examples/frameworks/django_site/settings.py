"""The settings of the example: as few as Django runs with, and LOMI."""

import os

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only-for-this-example")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "django_site.urls"
ASGI_APPLICATION = "django_site.asgi.application"
USE_TZ = True

# What the client is made with; the key stays in the environment, as LOMI_API_KEY.
LOMI = {"timeout": 10.0, "max_retries": 2}
