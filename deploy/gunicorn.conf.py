"""The web server's settings; workers and threads by WEB_WORKERS and WEB_THREADS."""

import os

bind = "0.0.0.0:8000"  # noqa: S104 - inside the container; only the proxy's network reaches it
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "3"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True
timeout = 60
graceful_timeout = 30
keepalive = 75
# The file by which a worker shows that it lives: memory, as the root file system is read-only.
worker_tmp_dir = "/dev/shm"  # noqa: S108
control_socket_disable = True
# The proxy keeps the access log, without the tokens that some addresses carry.
accesslog = None
errorlog = "-"
# Old workers are replaced now and then, at different times, so that a slow leak never grows large.
max_requests = 5000
max_requests_jitter = 500
