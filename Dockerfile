# Three stages: build the wheel and its venv, run the tests (only when asked for), serve.

FROM python:3.11-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore


FROM base AS build
WORKDIR /build
RUN python3.11 -m venv /opt/payments && python3.11 -m venv /opt/build
COPY requirements-runtime.lock requirements-build.lock ./
RUN /opt/payments/bin/pip install --require-hashes -r requirements-runtime.lock \
    && /opt/build/bin/pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml setup.cfg README.md LICENSE ./
COPY migrations migrations
COPY src src
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir dist . \
    && /opt/payments/bin/pip install --no-deps --no-index dist/*.whl \
    && /opt/payments/bin/python -m compileall -q /opt/payments/lib


# docker compose run --rm tests
FROM base AS tests
# PostgreSQL 15 is the oldest supported; the newest comes from a wheel. hledger checks exports.
RUN mkdir -p /etc/postgresql-common \
    && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends postgresql-15 curl hledger redis-server \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home payments
WORKDIR /checkout
RUN python3.11 -m venv /opt/payments
ENV PATH=/opt/payments/bin:$PATH
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-deps --no-build-isolation --no-index --editable . \
    && chown -R payments /checkout
USER payments
CMD ["python", "-m", "pytest"]


# Last, so that a plain `docker build .` makes it.
FROM base AS service
LABEL org.opencontainers.image.title="Simple Payments" \
      org.opencontainers.image.description="A self-hosted payment service on a double-entry ledger" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# The letters of statements as PDF.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin payments \
    && install -d -o payments -m 0700 /var/lib/payments
COPY --from=build /opt/payments /opt/payments
ENV PATH=/opt/payments/bin:$PATH \
    PAYMENTS_DATA_DIR=/var/lib/payments
USER payments
WORKDIR /
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# The server finishes what is in flight before it stops.
STOPSIGNAL SIGTERM
ENTRYPOINT ["payments"]
CMD ["serve", "--host", "0.0.0.0"]
