# The worker image: everything. One image runs the composing workers, the rendering workers and beat.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements/base.txt requirements/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/base.txt

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 onetake && install -d -o onetake /app /var/lib/onetake
WORKDIR /app
COPY --from=build /venv /venv
COPY --chown=onetake . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ONETAKE_VAR=/var/lib/onetake TF_CPP_MIN_LOG_LEVEL=3
USER onetake
CMD ["celery", "-A", "marketplace", "worker", "-Q", "compose", "-c", "2", "--without-gossip", "--without-mingle"]
