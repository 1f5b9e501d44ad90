"""A Python program as a process of its own, forked from one that has imported all it needs."""

import os
import runpy
import sys
from multiprocessing.connection import Connection
from threading import Timer

from tests.server import ROOT, prepared


class Program:
    """What `python -c code …` or `python -m module …` would do with `env` on top of ours."""

    def __init__(self, env: dict[str, str], *arguments: str) -> None:
        said, says = prepared.Pipe(duplex=False)
        self._process = prepared.Process(
            target=_run, args=(arguments, os.environ | env, says), daemon=True
        )
        self._process.start()
        says.close()
        self.stdout = os.fdopen(os.dup(said.fileno()), encoding="utf-8")
        said.close()

    @property
    def returncode(self) -> int | None:
        """As a shell's; minus the signal's number of one that was killed; None while it runs."""
        return self._process.exitcode

    def ends(self, seconds: float = 60) -> str:
        """What it still says until its end; one that takes longer is killed."""
        late = Timer(seconds, self.kill)
        late.start()
        with self.stdout:
            said = self.stdout.read()
        self._process.join()
        late.cancel()
        return said

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def _run(arguments: tuple[str, ...], environ: dict[str, str], says: Connection) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environ)
    os.dup2(says.fileno(), sys.stdout.fileno())
    says.close()

    how, program, *given = arguments
    sys.argv = [program, *given]
    if how == "-m":
        runpy.run_module(program, run_name="__main__")
    else:
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})
