"""config.toml and user.toml, good and bad."""

import os
import stat
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plugin_interfaces.config import Manifest, PluginConfig, UserValues, files, is_disabled, load_manifest, set_disabled
from plugin_interfaces.errors import ConfigError, ManifestError

FIELDS = """
[plugin]
id = "sample"
name = "Sample"
version = "1.2.3"

[config.port]
type = "integer"
default = 80
minimum = 1
maximum = 65535

[config.name]
default = "x"

[config.key]
secret = true

[config.mode]
type = "choice"
choices = ["fast", "slow"]
"""


def write(folder: Path, text: str | bytes, name: str = "config.toml") -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """A manifest with one setting of several types."""
    return load_manifest(write(tmp_path, FIELDS))


@pytest.fixture
def values(manifest: Manifest) -> UserValues:
    """The values of the plugin's default instance."""
    return UserValues(manifest.folder, "sample", manifest)


def test_a_manifest_of_the_crate_loads(tmp_path: Path) -> None:
    """A bare [plugin] with the crate's fields."""
    text = '[plugin]\nid="a"\ndisabled=false\nname="A"\ndescription="d"\nversion="0.1"\nauthor="x"\nlibrary="a"\n'
    manifest = load_manifest(write(tmp_path, text))
    assert ("a", "A", "x") == (manifest.id, manifest.name, manifest.author)


def test_unknown_fields_are_no_error(tmp_path: Path) -> None:
    """A newer manifest loads in an older host."""
    assert "a" == load_manifest(write(tmp_path, '[plugin]\nid="a"\nfuture=1\n[other]\nx=1\n')).id


def test_a_user_table_gives_values(tmp_path: Path) -> None:
    """Behind those of the person."""
    manifest = load_manifest(write(tmp_path, '[plugin]\nid="a"\n[user]\nurl="here"\n'))
    assert "here" == UserValues(tmp_path, "a", manifest).get("url")


def test_plugin_config_reads_the_table(tmp_path: Path) -> None:
    """With the crate's names."""
    assert "1.2.3" == PluginConfig.from_file(write(tmp_path, FIELDS) / "config.toml").version


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[plugin", "not valid TOML"),
        ('[plugin]\nid="\xff"'.encode("latin-1"), "line 2 is not UTF-8"),
        ("", r"no table \[plugin\]"),
        ('[plugin]\nname="x"', "id"),
        ('[plugin]\nid=""', "empty"),
        ('[plugin]\nid="a/b"', "is no id"),
        ("[plugin]\nid=5", "is wrong"),
        ('[plugin]\nid="a"\n[config.x]\ntype="colour"', r"\[config.x\] is wrong"),
        ('[plugin]\nid="a"\n[config.x]\ntype="choice"', "without choices"),
        ('[plugin]\nid="a"\n[config.x]\ntype="integer"\ndefault="y"', "default"),
        ('[plugin]\nid="a"\n[config.x]\ntype="integer"\nminimum=5\ndefault=1', "default"),
        ('config=1\n[plugin]\nid="a"', "no table"),
    ],
)
def test_a_manifest_that_is_wrong_says_how(tmp_path: Path, text: str | bytes, reason: str) -> None:
    """The error names the file and what to do."""
    with pytest.raises(ManifestError, match=reason) as caught:
        load_manifest(write(tmp_path, text))
    assert "config.toml" in caught.value.what


def test_a_missing_manifest_is_an_error(tmp_path: Path) -> None:
    """So is one that is a folder."""
    with pytest.raises(ManifestError, match="cannot be read"):
        load_manifest(tmp_path)
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(ManifestError, match="cannot be read"):
        load_manifest(tmp_path)


def test_a_changed_manifest_is_read_again(tmp_path: Path) -> None:
    """Although it is cached."""
    load_manifest(write(tmp_path, '[plugin]\nid="a"'))
    assert "longer" == load_manifest(write(tmp_path, '[plugin]\nid="longer"')).id


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were parsed since."""
    texts: list[str] = []
    loads = files.tomllib.loads

    def parse(text: str) -> dict[str, Any]:
        texts.append(text)
        return loads(text)

    monkeypatch.setattr(files, "tomllib", SimpleNamespace(loads=parse, TOMLDecodeError=files.tomllib.TOMLDecodeError))
    return texts


def test_a_file_is_parsed_once_while_it_is_unchanged(tmp_path: Path, parsed: list[str]) -> None:
    """Whoever asks: for the manifest, for what the person decided, or for values of several instances."""
    user = "[user]\nport = 1\n[plugin]\ndisabled = true\n"
    write(write(tmp_path, FIELDS), user, "user.toml")
    for _ in range(2):
        manifest = load_manifest(tmp_path)
        assert is_disabled(manifest)
        assert [1, 80] == [UserValues(tmp_path, name, manifest).get("port") for name in ("sample", "other")]
    assert [FIELDS, user] == parsed


def test_a_file_that_is_written_is_parsed_again(values: UserValues, parsed: list[str]) -> None:
    """Once for each time."""
    for port in (1, 2):
        values.set("port", port)
        assert port == values.get("port") == values.get("port")
    assert ["[user]\nport = 1\n", "[user]\nport = 2\n"] == parsed


@pytest.mark.parametrize("text", ["[user]\nport = 2\n", "[user]\nport = 23\n"])
def test_an_edit_that_its_time_does_not_show_is_seen(values: UserValues, text: str) -> None:
    """In place, with the time of before put back; the first of the same size, too."""
    write(values.path.parent, "[user]\nport = 1\n", "user.toml")
    found = values.path.stat()
    assert 1 == values.get("port")
    write(values.path.parent, text, "user.toml")
    os.utime(values.path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert int(text.split()[-1]) == values.get("port")


def test_a_file_that_has_been_as_it_is_for_a_while_is_not_opened(
    values: UserValues, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here the while is none."""
    monkeypatch.setattr(files, "_TICK_NS", -(10**18))
    write(values.path.parent, "[user]\nport = 1\n", "user.toml")
    assert 1 == values.get("port")
    monkeypatch.setattr(files, "open", lambda *_, **__: pytest.fail("it was opened"), raising=False)
    assert 1 == values.get("port")


def test_a_file_that_is_taken_away_is_empty(values: UserValues) -> None:
    """And what comes in its place is read."""
    for port in (81, 82):
        values.set("port", port)
        assert port == values.get("port")
        values.path.unlink()
        assert 80 == values.get("port")


def test_a_file_that_was_mended_is_read(values: UserValues) -> None:
    """An error is not kept."""
    write(values.path.parent, "[user\n", "user.toml")
    with pytest.raises(ConfigError):
        values.get("port")
    write(values.path.parent, "[user]\n", "user.toml")
    assert 80 == values.get("port")


def test_defaults_are_there_before_anything_is_set(values: UserValues) -> None:
    """A choice without a default has its first one."""
    assert {"port": 80, "name": "x", "key": "", "mode": "fast"} == values.all()


def test_what_is_set_stays(values: UserValues, manifest: Manifest) -> None:
    """Other objects, as after a restart, see it."""
    values.set("port", 8080)
    assert 8080 == UserValues(manifest.folder, "sample", manifest).get("port")


def test_instances_have_values_of_their_own(values: UserValues, manifest: Manifest) -> None:
    """The default instance keeps its own."""
    other = UserValues(manifest.folder, "sample.two", manifest)
    other.set("port", 1)
    assert (80, 1) == (values.get("port"), other.get("port"))


def test_comments_are_kept(values: UserValues, manifest: Manifest) -> None:
    """Also the order of what the person wrote."""
    write(manifest.folder, "# mine\n[user]\nname = 'a' # this\n", "user.toml")
    values.set("port", 81)
    assert (manifest.folder / "user.toml").read_text().startswith("# mine\n[user]\nname = 'a' # this\n")


def test_a_reset_value_is_the_default(values: UserValues) -> None:
    """Twice is no error."""
    values.set("port", 81)
    values.reset("port")
    values.reset("port")
    assert 80 == values.get("port")


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("port", 0, "less than 1"),
        ("port", 65536, "more than 65535"),
        ("port", "80", "no integer"),
        ("port", True, "no integer"),
        ("name", 5, "no string"),
        ("mode", "medium", "none of the choices: fast, slow"),
        ("unknown", [1], "cannot be stored"),
    ],
)
def test_a_value_that_is_wrong_is_refused(values: UserValues, key: str, value: object, reason: str) -> None:
    """And nothing is written."""
    with pytest.raises(ConfigError, match=reason):
        values.set(key, value)
    assert not values.path.exists()


def test_a_damaged_user_file_is_told_and_left_alone(values: UserValues, manifest: Manifest) -> None:
    """Setting a value must not destroy what the person can still mend."""
    write(manifest.folder, "[user\n", "user.toml")
    with pytest.raises(ConfigError, match="not valid TOML"):
        values.all()
    with pytest.raises(ConfigError, match="Mend the file"):
        values.set("port", 81)
    assert "[user\n" == values.path.read_text()


def test_a_wrong_value_in_the_user_file_is_told(values: UserValues, manifest: Manifest) -> None:
    """With the key."""
    write(manifest.folder, "[user]\nport = 0\n", "user.toml")
    with pytest.raises(ConfigError, match="port"):
        values.get("port")


def test_a_file_that_cannot_be_written_is_told(manifest: Manifest, values: UserValues) -> None:
    """Here a folder stands in its place."""
    values.path.mkdir()
    with pytest.raises(ConfigError):
        values.set("port", 81)
    assert [] == [path.name for path in manifest.folder.iterdir() if path.name.startswith(".user")]


def test_a_secret_is_for_its_owner_alone(values: UserValues) -> None:
    """Mode 0600."""
    values.set("key", "hidden")
    assert 0o600 == stat.S_IMODE(os.stat(values.path).st_mode)


def test_writers_lose_nothing_to_each_other(manifest: Manifest) -> None:
    """Each thread sets a key of its own."""
    values = [UserValues(manifest.folder, f"instance{number}", manifest) for number in range(8)]
    threads = [threading.Thread(target=one.set, args=("port", 1 + number)) for number, one in enumerate(values)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(range(1, 9)) == [one.get("port") for one in values]


def test_a_plugin_is_disabled_and_enabled(manifest: Manifest) -> None:
    """Remembered in user.toml."""
    set_disabled(manifest, True)
    assert is_disabled(manifest)
    set_disabled(manifest, False)
    assert not is_disabled(manifest)
