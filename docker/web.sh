#!/bin/sh
# Migrates, collects static files, serves. Several web hosts may start at once: `migrate` waits its turn.
set -eu
python manage.py check --deploy --fail-level ERROR
python manage.py migrate --no-input
python manage.py collectstatic --no-input
exec gunicorn marketplace.wsgi --bind 0.0.0.0:8000 --workers "${WEB_WORKERS:-2}" --threads "${WEB_THREADS:-8}" --timeout 60 --access-logfile -
