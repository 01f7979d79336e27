"""`python -m plugin_interfaces.cli` is the command `plugin-interfaces`."""

from __future__ import annotations

from . import main

main()
