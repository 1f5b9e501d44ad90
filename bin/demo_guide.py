"""For bin/demo: are the ports free, is it day, and, once the servers answer, where to look.

`demo_guide.py check-ports`, `demo_guide.py clock-shift`, or `demo_guide.py wait PID` beside the
process that runs the servers.
"""

import os
import socket
import sys
import time
import urllib.error
import urllib.request

from backend import clock
from backend.commands.demo_data import sign_ins
from backend.reminders.quiet import after_quiet, is_quiet

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


def clock_shift() -> None:
    """Print the seconds to run ahead: none by day, up to 10:00 in Shanghai by night.

    Messages rest from 22:00 to 07:00; a demo in which nobody's phone rings shows too little.
    """
    now = clock.now()
    if not is_quiet(now):
        print(0)
        return
    morning = clock.local(after_quiet(now)).replace(hour=10, minute=0)
    print(int((morning - now).total_seconds()))
    told = f"{clock.local(now):%H:%M}"
    print(f"It is {told} in Shanghai: the demo runs ahead to 10:00, for messages rest at night.",
          file=sys.stderr)  # fmt: skip


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

  residents' client   {web}/m/
  residents' phones   {phones}/   (sign in there as anybody, see the messages that arrive)
  staff console       {web}/admin
  residents' API      {web}/mp/v1/docs

On the phones' page the first ones have an offer, a draw won, lost or open, a change of class, a
family going together, a lesson today. What staff find is listed in README.md.

The mini-program for WeChat's developer tools is in miniprogram/dist/build/mp-weixin.
{sign_ins()}
""",
        flush=True,
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check-ports"]:
            check_ports()
        case ["clock-shift"]:
            clock_shift()
        case ["wait", pid]:
            wait(int(pid))
