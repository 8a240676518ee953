"""Child processes of a local store."""

import os
import resource
import sys
from pathlib import Path

import pytest

from subgraphs.store.processes import Program

pytestmark = pytest.mark.engineless
USUAL_LIMIT = 1024
PRINT_LIMIT = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep the shell's limit")
def test_a_child_may_open_as_many_files_as_the_system_allows(tmp_path: Path) -> None:
    """Each client is an open file of the router."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (USUAL_LIMIT, hard))
    try:
        child = Program("limits", [sys.executable, "-c", PRINT_LIMIT], os.environ, tmp_path)
        child.wait(30)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert int(child.log.read_text()) == hard > USUAL_LIMIT
