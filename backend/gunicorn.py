"""gunicorn's settings: one worker a core, a few threads each, workers renewed now and then."""

import multiprocessing

from backend.config import load

_settings = load()

workers = min(multiprocessing.cpu_count(), 8)
worker_class = "gthread"
threads = _settings.database_pool
keepalive = 15
timeout = 30
graceful_timeout = 20
max_requests = 200_000
max_requests_jitter = 20_000
forwarded_allow_ips = "127.0.0.1,::1"
control_socket_disable = True
