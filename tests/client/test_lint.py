"""The client's lint notices what only WeChat's build would show."""

import json
import subprocess

import pytest

from bin import client, node

PAGE = """<script setup lang="ts">
const classes = [{{ id: 1 }}]
</script>
<template>
  <view><text v-for="{loop} in classes" :key="1">{{{{ 1 }}}}</text></view>
</template>
"""


def lint(loop: str) -> list[str]:
    """What eslint says of a page whose loop is written `v-for="LOOP in classes"`."""
    said = subprocess.run(
        ["node", "node_modules/eslint/bin/eslint.js", "--format", "json", "--stdin",
         "--stdin-filename", "src/pages/example.vue"],
        cwd=client.CLIENT,
        input=PAGE.format(loop=loop),
        capture_output=True,
        text=True,
        env={"PATH": node.search_path()},
    )  # fmt: skip
    (report,) = json.loads(said.stdout)
    return [message["ruleId"] for message in report["messages"]]


@pytest.mark.parametrize("loop", ["c", "(c, index)", "(one, i)"])
def test_a_loop_name_of_one_letter_is_refused(loop: str) -> None:
    assert "loops/long" in lint(loop)


@pytest.mark.parametrize("loop", ["one", "(one, index)"])
def test_longer_ones_are_not(loop: str) -> None:
    assert "loops/long" not in lint(loop)
