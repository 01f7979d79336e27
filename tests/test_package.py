"""The wheel that is built from the tree, in a virtual environment outside of it."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CRATE = ROOT / "bindings" / "rust"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a source distribution of a copy, with the packages of this environment, in no other version."""
    folder = tmp_path_factory.mktemp("wheel")
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    if files.returncode:
        pytest.skip("not a git checkout")
    for name in files.stdout.splitlines():
        if (ROOT / name).is_file():
            target = folder / "tree" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    sdist = ["setup.py", "--quiet", "sdist", "--dist-dir", str(folder)]
    pip = ["-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", str(folder)]
    for command in (sdist, pip):
        source = [str(path) for path in folder.glob("*.tar.gz")]
        done = subprocess.run(
            [sys.executable, *command, *source], cwd=folder / "tree", capture_output=True, text=True, timeout=300
        )
        assert 0 == done.returncode, done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_header_core_and_types(wheel: Path) -> None:
    """And nothing that belongs to the tree alone."""
    names = set(zipfile.ZipFile(wheel).namelist())
    headers = {f"plugin_interfaces/include/plugin_interface.{kind}" for kind in ("h", "hpp")}
    assert {*headers, "plugin_interfaces/py.typed"} <= names
    assert any(name.startswith("plugin_interfaces/_native") and name.endswith(".so") for name in names)
    assert not any(name.startswith(("tests", "c_plugins", "build_ffi")) for name in names)


def test_the_wheel_holds_the_page(wheel: Path) -> None:
    """With its scripts and styles."""
    page = ROOT / "src" / "plugin_interfaces" / "web" / "page"
    files = {path for path in page.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    names = set(zipfile.ZipFile(wheel).namelist())
    assert set() == {f"plugin_interfaces/web/page/{path.relative_to(page)}" for path in files} - names


def test_the_wheel_holds_the_crate(wheel: Path) -> None:
    """What cargo packages of it, and no more: no tests, no build products, no tools of ours."""
    prefix = "plugin_interfaces/rust/"
    names = {name.removeprefix(prefix) for name in zipfile.ZipFile(wheel).namelist() if name.startswith(prefix)}
    sources = {str(path.relative_to(CRATE)) for path in (CRATE / "src").rglob("*.rs")}
    assert {"Cargo.toml", "LICENSE", "README.md", *sources} == names


def test_the_wheel_works_outside_of_the_tree(wheel: Path, tmp_path: Path) -> None:
    """A plugin is compiled against the header inside the wheel, and answers."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True, timeout=100)
    python = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    # What it depends on is taken from here; of this package there is no trace in that folder but an editable link.
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    plugin = tmp_path / "echo"
    plugin.mkdir()
    for name in ("echo.c", "config.toml"):
        (plugin / name).write_bytes((ROOT / "c_plugins" / "echo" / name).read_bytes())

    def run(*arguments: str, text: str = "") -> str:
        command = [str(python), "-m", "plugin_interfaces.cli", *arguments]
        done = subprocess.run(command, cwd=tmp_path, input=text, capture_output=True, text=True, timeout=100)
        assert 0 == done.returncode, done.stderr
        return done.stdout

    assert str(site) in run("includes", "--path")
    assert f"{site / 'plugin_interfaces' / 'rust'}\n" == run("crate")
    run("build", "echo")
    assert "hello\n" == run("chat", "echo", "--data", "data", text="hello\n")
