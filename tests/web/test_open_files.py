"""The limit of open files is raised as far as the connections need it, and no further."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.loop import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit there")

ASKS = """
import resource, sys
from server.web import open_files
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(open_files.connections(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "connections", "limit"),
    [
        (256, 4096, 3000, 3000, 3500),
        (4000, 4096, 3000, 3000, 4000),
        (256, 1024, 3000, 524, 1024),
        (256, 256, 3000, 128, 256),
    ],
)
def test_it_is_raised_as_far_as_needed_and_allowed(
    soft: int, hard: int, wanted: int, connections: int, limit: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKS, str(soft), str(hard), str(wanted)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.split() == [str(connections), str(limit)]
    assert ("ulimit -n" in done.stderr) is (connections < wanted)
