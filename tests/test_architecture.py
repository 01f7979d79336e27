"""Imports run one way through the layers that docs/architecture.md draws."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "plugin_interfaces"

# From the top down: a module imports from its own layer or from one below.
LAYERS = [
    {"cli"},
    {"web"},
    {"api", "__init__"},
    {"host"},
    {"bridge"},
    {"handler", "pluginui"},
    {"context"},
    {"stream"},
    {"callbacks"},
    {"symbols", "message", "config", "logging", "_event_loop"},
    {"_ffi", "metadata"},
    {"errors"},
    {"types", "_abi", "_native", "_native_fast"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted(PACKAGE.rglob("*.py"))


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The modules and packages of ours that a file imports when it is loaded or, inside functions, later."""
    depth = len(path.relative_to(PACKAGE).parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_from_its_layer_or_below(path: Path) -> None:
    """The lowest layers know of nothing."""
    own = LEVEL[layer_of(path)]
    lazy = {"config"} if layer_of(path) == "context" else set()
    assert set() == {name for name in imported(path) - lazy if LEVEL[name] < own}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_small(path: Path) -> None:
    """One that passes 420 lines hides something."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 420


def test_only_one_module_touches_the_extension() -> None:
    """All others go through _ffi."""
    assert {"_ffi.py"} == {path.name for path in MODULES if "_native" in imported(path)}


def test_only_the_page_knows_its_library() -> None:
    """The protocol is served without it."""
    users = {path for path in MODULES if "nicegui" in path.read_text(encoding="utf-8")}
    page = PACKAGE / "web" / "page"
    assert {PACKAGE / "cli" / "serving.py"} == {path for path in users if not path.is_relative_to(page)}


def test_a_backend_needs_no_server() -> None:
    """Nor does the host; what the extra `web` brings is loaded when something is served."""
    code = (
        "import sys, plugin_interfaces.web, plugin_interfaces.web.protocol, plugin_interfaces.host.host\n"
        "print(*{'nicegui', 'fastapi', 'starlette', 'uvicorn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "" == done.stdout.strip()


def test_importing_the_package_loads_nothing() -> None:
    """Neither the native core nor any dependency."""
    code = "import sys, plugin_interfaces; print(*{'cffi', 'msgspec', '_cffi_backend'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "" == done.stdout.strip()


def test_every_public_name_is_there() -> None:
    """`plugin_interfaces` hands out what `plugin_interfaces.api` lists."""
    import plugin_interfaces
    from plugin_interfaces import api

    assert all(getattr(plugin_interfaces, name) is getattr(api, name) for name in api.__all__)
