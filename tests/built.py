"""The residents' client as it was built; `make test` builds it."""

from pathlib import Path

import pytest

from bin.client import BUILD, known


def built(platform: str) -> Path:
    """The folder of the build for `h5` or `mp-weixin`."""
    if not known(platform):
        pytest.fail("The client is not built: run `make test`, or python -m bin.client build.")
    return BUILD / platform
