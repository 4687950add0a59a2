# The service as an image: everything is installed here, nothing is fetched or compiled when it runs.
# Build: docker build -t forebay .

FROM python:3.11.16-slim-bookworm AS builder
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# Dependencies first: this layer stays while only our own code changes. The environment has
# neither pip nor setuptools; the builder's own do the work.
COPY constraints.txt constraints-dev.txt model.txt ./
RUN python -m venv --without-pip /opt/forebay \
    && pip install --no-deps --constraint constraints-dev.txt setuptools \
    && pip --python /opt/forebay/bin/python install --no-deps --no-compile -r constraints.txt \
    && pip --python /opt/forebay/bin/python install --no-deps --no-compile --require-hashes -r model.txt

COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
    && pip --python /opt/forebay/bin/python install --no-deps --no-compile --no-index wheels/*.whl
# By content, not by time: copying layers may change times. olefile2 is olefile for Python 2.
RUN /opt/forebay/bin/python -m compileall -q --invalidation-mode unchecked-hash -x 'olefile2\.py$' /opt/forebay/lib


FROM python:3.11.16-slim-bookworm
LABEL org.opencontainers.image.title="Forebay" \
      org.opencontainers.image.description="Answers questions from a company's own documents, with citations, at a known cost." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 forebay \
    && useradd --uid 10001 --gid forebay --no-create-home --home-dir /data --shell /usr/sbin/nologin forebay \
    && install --directory --owner forebay --group forebay --mode 0700 /data
COPY --from=builder /opt/forebay /opt/forebay
# A container is reached from outside it, so it listens on all its addresses; on those the
# service starts with FOREBAY_API__KEY only. The last three keep libraries from calling home.
ENV PATH=/opt/forebay/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FOREBAY_DATA=/data \
    FOREBAY_API__HOST=0.0.0.0 \
    DO_NOT_TRACK=1 \
    SCARF_NO_ANALYTICS=true \
    HF_HUB_OFFLINE=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8420
# Alive, not ready: an orchestrator that restarts the unhealthy should not do so because a
# database is away. docker-compose.yml asks /readyz.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8420, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["forebay"]
CMD ["serve"]
