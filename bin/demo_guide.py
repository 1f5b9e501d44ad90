"""For bin/demo: are the ports free, and, once the servers answer, where to look.

`demo_guide.py check-ports`, or `demo_guide.py wait PID` beside the process that runs the servers.
"""

import os
import socket
import sys
import time
import urllib.error
import urllib.request

from backend.commands.demo_data import sign_ins

WEB, PHONES = int(os.environ["WEB_PORT"]), int(os.environ["PHONES_PORT"])
PATIENCE = 90  # seconds


def check_ports() -> None:
    """Stop with a sentence if somebody listens there already."""
    for name, port in (("WEB_PORT", WEB), ("PHONES_PORT", PHONES)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                sys.exit(
                    f"make: port {port} is in use (another demo?). Stop what listens there, "
                    f"or take another port: make demo {name}={port + 10}"
                )


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait(pid: int) -> None:
    """Print the guide when all answer; say nothing if the servers have gone."""
    web, phones = f"http://127.0.0.1:{WEB}", f"http://127.0.0.1:{PHONES}"
    until = time.monotonic() + PATIENCE
    while not (answers(f"{web}/readyz") and answers(f"{phones}/")):
        if os.getppid() != pid:
            return
        if time.monotonic() > until:
            print(f"The servers do not answer after {PATIENCE} seconds; what they say is above.")
            return
        time.sleep(0.3)
    print(
        f"""
  The demo district 安和区 is open. Ctrl-C closes it.

  staff console       {web}/admin
  residents' API      {web}/mp/v1/docs
  residents' phones   {phones}/   (sign in as anybody, see the messages that arrive)

{sign_ins()}
""",
        flush=True,
    )


if __name__ == "__main__":
    check_ports() if sys.argv[1] == "check-ports" else wait(int(sys.argv[2]))
