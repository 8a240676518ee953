"""Child processes of a local store."""

import os
import resource
import sys
from pathlib import Path

import pytest

from subgraphs.store.processes import Child

SHELLS_USUAL_LIMIT = 1024
TELL = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep the limit that the shell has")
def test_a_child_may_open_as_many_files_as_the_system_lets_it(tmp_path: Path) -> None:
    """Each of ten thousand clients is an open file of the router's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (SHELLS_USUAL_LIMIT, hard))
    try:
        child = Child("limits", [sys.executable, "-c", TELL], os.environ, tmp_path)
        child.process.wait()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert int(child.log.read_text()) == hard > SHELLS_USUAL_LIMIT
