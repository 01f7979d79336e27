"""Finding plugins, checking what they need, compiling them."""

import shutil
from pathlib import Path

import pytest

from plugin_interfaces.errors import RequirementError
from plugin_interfaces.host import build_plugin, discover
from plugin_interfaces.host.discovery import look_again, look_at

ROOT = Path(__file__).parents[1]


def make(folder: Path, plugin_id: str, more: str = "", module: str | None = "") -> Path:
    """A plugin's folder, in Python where `module` is given."""
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'[plugin]\nid = "{plugin_id}"\nversion = "1"\n{more}')
    if module is not None:
        (folder / "plugin.py").write_text(module)
    return folder


def test_a_folder_of_folders_is_searched(tmp_path: Path) -> None:
    """In the order of their names; what has no config.toml is no plugin."""
    make(tmp_path / "b", "one")
    make(tmp_path / "a", "two")
    (tmp_path / "c").mkdir()
    assert ["two", "one"] == [folder.id for folder in discover([tmp_path])]


def test_a_plugins_own_folder_can_be_named(tmp_path: Path) -> None:
    """Named twice it is there once."""
    make(tmp_path / "a", "one")
    assert ["one"] == [folder.id for folder in discover([tmp_path / "a", tmp_path])]


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """It may come later."""
    assert [] == discover([tmp_path / "missing"])


def test_of_two_plugins_with_one_id_the_first_counts(tmp_path: Path) -> None:
    """The other is listed with a reason that names both."""
    make(tmp_path / "a", "same")
    make(tmp_path / "b", "same")
    first, second = discover([tmp_path])
    assert first.error is None
    assert str(tmp_path / "a") in str(second.error)


def test_one_bad_plugin_hides_no_other(tmp_path: Path) -> None:
    """It is listed under its folder's name."""
    make(tmp_path / "good", "good")
    (make(tmp_path / "bad", "bad") / "config.toml").write_text("[plugin")
    assert [("bad", True), ("good", False)] == [(f.id, f.error is not None) for f in discover([tmp_path])]


def test_a_library_that_is_not_compiled_says_how(tmp_path: Path) -> None:
    """With the command."""
    folder = make(tmp_path / "a", "a", module=None)
    (folder / "a.c").write_text("")
    assert f"plugin-interfaces build {folder}" in str(discover([tmp_path])[0].error)


@pytest.mark.parametrize("name", ["../outside.py", "/etc/passwd"])
def test_code_outside_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    """A manifest cannot make the host load any other file."""
    make(tmp_path / "a", "a", f'module = "{name}"\n')
    assert "outside" in str(discover([tmp_path])[0].error)


def test_a_link_to_code_outside_is_refused(tmp_path: Path) -> None:
    """However plain its name is; one to a file of the folder is followed."""
    (tmp_path / "outside.py").write_text("")
    for name, target in (("a", "../outside.py"), ("b", "other.py")):
        folder = make(tmp_path / name, name, 'module = "link.py"\n')
        (folder / "other.py").write_text("")
        (folder / "link.py").symlink_to(target)
    out, inside = discover([tmp_path])
    assert "outside" in str(out.error)
    assert (None, "link.py") == (inside.error, inside.code and inside.code.name)


def test_a_folder_with_two_names_is_there_once(tmp_path: Path) -> None:
    """A link leads to it."""
    make(tmp_path / "a", "one")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert [tmp_path / "a"] == [folder.path for folder in discover([tmp_path])]


def test_what_has_not_changed_is_not_made_anew(echo: Path) -> None:
    """Until a file of the plugin changes."""
    assert "built" == build_plugin(echo, ROOT / "include").status
    folder = look_at(echo)
    assert look_again(folder) is folder
    (echo / "user.toml").write_text("[plugin]\ndisabled = true\n")
    assert (False, True) == (folder.disabled, look_again(folder).disabled)
    (echo / "user.toml").unlink()
    (echo / "libecho.so").unlink()
    assert "plugin-interfaces build" in str(look_again(folder).error)


def test_a_module_that_came_beside_a_library_is_seen(tmp_path: Path) -> None:
    """Looking again finds what looking for the first time would."""
    folder = make(tmp_path / "a", "a", module=None)
    (folder / "liba.so").write_bytes(b"")
    found = look_at(folder)
    (folder / "plugin.py").write_text("")
    assert ("library", "python") == (found.kind, look_again(found).kind)


def test_what_a_plugin_needs_is_checked_before_it_is_imported(tmp_path: Path) -> None:
    """The error has the command that gets it; nothing of the module ran."""
    make(tmp_path / "a", "a", 'requires = ["no-such-package-of-ours>=2", "msgspec"]\n', "raise SystemExit(3)")
    error = discover([tmp_path])[0].error
    assert isinstance(error, RequirementError)
    assert "pip install 'no-such-package-of-ours>=2'" in str(error)


def test_a_version_that_is_too_old_is_told(tmp_path: Path) -> None:
    """With the one that is installed."""
    make(tmp_path / "a", "a", 'requires = ["msgspec>=99"]\n')
    assert "is installed as" in str(discover([tmp_path])[0].error)


def test_a_requirement_for_another_system_does_not_count(tmp_path: Path) -> None:
    """Its marker is evaluated."""
    make(tmp_path / "a", "a", "requires = [\"no-such-package; sys_platform == 'none'\"]\n")
    assert discover([tmp_path])[0].error is None


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    """A copy of the sample."""
    ignore = shutil.ignore_patterns("*.so")
    return shutil.copytree(ROOT / "c_plugins" / "echo", tmp_path / "echo", ignore=ignore)


def test_a_plugin_is_compiled_once(echo: Path) -> None:
    """The second time nothing has changed, until a source does."""
    include = ROOT / "include"
    assert ["built", "fresh"] == [build_plugin(echo, include).status for _ in range(2)]
    (echo / "echo.c").write_text((echo / "echo.c").read_text() + "\n/* changed */\n")
    assert "built" == build_plugin(echo, include).status


def test_a_missing_library_skips_the_plugin(echo: Path) -> None:
    """With the hint of its manifest."""
    with (echo / "config.toml").open("a") as file:
        file.write('[build]\nlibraries = ["no_such_library_of_ours"]\nhint = "ask somebody"\n')
    result = build_plugin(echo, ROOT / "include")
    assert "skipped" == result.status
    assert "ask somebody" in result.message


def test_without_a_compiler_nothing_is_compiled(echo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the person is told what to install."""
    monkeypatch.setenv("CC", "no-such-compiler")
    result = build_plugin(echo, ROOT / "include")
    assert "failed" == result.status
    assert "install one" in result.message


def test_a_source_that_is_named_but_missing_is_told(echo: Path) -> None:
    """By its name."""
    with (echo / "config.toml").open("a") as file:
        file.write('[build]\nsources = ["missing.c"]\n')
    assert "missing.c" in build_plugin(echo, ROOT / "include").message


def test_a_plugin_in_cpp_is_compiled(echo: Path) -> None:
    """The same source, as C++."""
    (echo / "echo.c").rename(echo / "echo.cpp")
    result = build_plugin(echo, ROOT / "include")
    assert ("built", "") == (result.status, result.log)


@pytest.fixture
def crate(tmp_path: Path) -> Path:
    """A plugin in Rust that nobody compiled."""
    folder = make(tmp_path / "a", "a", module=None)
    (folder / "Cargo.toml").write_text("")
    return folder


def test_a_crate_that_is_not_compiled_says_how(crate: Path) -> None:
    """With the command."""
    assert f"plugin-interfaces build {crate}" in str(discover([crate])[0].error)


def test_without_cargo_a_crate_is_skipped(crate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the person is told how to get it."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CARGO", raising=False)
    result = build_plugin(crate, ROOT / "include")
    assert ("skipped", "") == (result.status, result.log)
    assert "https://rustup.rs" in result.message


def test_a_cargo_that_does_not_start_is_told(crate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's reason."""
    broken = crate / "cargo"
    broken.write_text("#!/no/such/shell\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CARGO", str(broken))
    assert "could not be started" in build_plugin(crate, ROOT / "include").message


def test_hidden_folders_are_no_plugins(tmp_path: Path) -> None:
    """Tools keep their settings there: cargo's are in `.cargo/config.toml`."""
    make(tmp_path / "a", "a")
    (make(tmp_path / ".cargo", "b") / "config.toml").write_text('[build]\ntarget-dir = "shared"\n')
    assert ["a"] == [folder.id for folder in discover([tmp_path])]
