"""What tests of plugins in Rust share."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from host_support import ROOT

WORKSPACE = ROOT / "tests" / "rust"

needs_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo to build them with")


def cargo(*arguments: str, folder: Path = WORKSPACE) -> subprocess.CompletedProcess[str]:
    """Runs cargo with a target folder that later runs find again."""
    return subprocess.run(
        ["cargo", *arguments],
        cwd=folder,
        env={**os.environ, "CARGO_TARGET_DIR": str(ROOT / "build" / "cargo")},
        capture_output=True,
        text=True,
        timeout=900,
    )
