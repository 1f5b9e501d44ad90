"""gunicorn's settings: one worker a core, many threads each, workers renewed now and then.

Threads are more than database connections on purpose: those that wait for one stand in line, and
sign-ups that stand in line go to the database together.
"""

import multiprocessing
import socket
from typing import Any

workers = min(multiprocessing.cpu_count(), 8)
worker_class = "backend.gunicorn_worker.EvenWorker"
threads = 32
keepalive = 15
timeout = 30
graceful_timeout = 20
max_requests = 200_000
max_requests_jitter = 20_000
forwarded_allow_ips = "127.0.0.1,::1"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Leave a connection with the kernel until its first bytes are there (Linux).

    A worker gives every new connection a thread and waits five seconds for the request; without
    this, eight connections that a browser opens to have them at hand would hold up everybody.
    """
    for listener in server.LISTENERS:
        if listener.sock.family != socket.AF_UNIX and hasattr(socket, "TCP_DEFER_ACCEPT"):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, timeout)
