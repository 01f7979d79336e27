"""The ABI is what abi/plugin_interface.abi says, to C, to C++ and to Python alike; and drift does not go unseen."""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

from plugin_interfaces._native import ffi, lib

ROOT = Path(__file__).resolve().parent.parent
DUMP = ROOT / "abi" / "plugin_interface.abi"

C_COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)] or ["cc"]
CPP_COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)] or ["c++"]

# What may stand in a struct that crosses: nothing whose size a compiler chooses (pointers apart).
FIXED_WIDTH = {"int32_t", "uint32_t", "int64_t", "uint64_t", "double"}
OWN_NUMBERS = {"PluginStatus", "PluginHost", "PluginRequest", "PluginStream"}

# These never change, so they need not say how long they are.
WITHOUT_SIZE = {"PluginText", "PluginChoice", "PluginSeries"}
TABLES = ("HostCallbacks", "PluginUiTable", "PluginInterface")


@dataclass
class Field:
    """One field as the dump has it."""

    name: str
    offset: int
    size: int
    declaration: str


@dataclass
class Struct:
    """One struct as the dump has it."""

    size: int
    alignment: int
    fields: list[Field] = field(default_factory=list)


def load_builder(path: Path) -> ModuleType:
    """build_ffi.py as a module."""
    spec = importlib.util.spec_from_file_location("build_ffi_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_dump() -> tuple[dict[str, Struct], dict[str, int]]:
    """The structs and the constants of the committed dump."""
    structs: dict[str, Struct] = {}
    constants: dict[str, int] = {}
    fields: list[Field] = []
    for line in DUMP.read_text(encoding="utf-8").splitlines():
        if head := re.fullmatch(r"(\w+) size (\d+) alignment (\d+)", line):
            structs[head[1]] = Struct(int(head[2]), int(head[3]), fields := [])
        elif member := re.fullmatch(r" +(\d+) +(\d+)  (.+)", line):
            name = re.search(r"\(\*(\w+)\)\(|(\w+)$", member[3])
            assert name is not None
            fields.append(Field(name[1] or name[2], int(member[1]), int(member[2]), member[3]))
        elif constant := re.fullmatch(r"(\w+) (-?\d+|0x[0-9a-f]+)", line):
            constants[constant[1]] = int(constant[2], 0)
    return structs, constants


STRUCTS, CONSTANTS = read_dump()
FIELDS = [(struct, field) for struct in STRUCTS for field in STRUCTS[struct].fields]
FIELD_IDS = [f"{struct}.{field.name}" for struct, field in FIELDS]


# ---- the compilers agree ----


def run_abi_program(compiler: str, language: str, standard: str, folder: Path) -> str:
    """What the ABI program prints, compiled so."""
    source = load_builder(ROOT / "build_ffi.py").abi_program()
    program = folder / "abi"
    command = [
        compiler,
        "-x",
        language,
        f"-std={standard}",
        "-Wall",
        "-Wextra",
        "-Werror",
    ]
    subprocess.run(
        [*command, "-I", str(ROOT / "include"), "-", "-o", str(program)], input=source, text=True, check=True
    )
    return subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("compiler", C_COMPILERS)
def test_c_has_the_layout_of_the_dump(compiler: str, tmp_path: Path) -> None:
    """Sizes, offsets and constants are those of the dump in C."""
    assert run_abi_program(compiler, "c", "c11", tmp_path) == DUMP.read_text(encoding="utf-8")


@pytest.mark.parametrize("compiler", CPP_COMPILERS)
def test_cpp_has_the_layout_of_the_dump(compiler: str, tmp_path: Path) -> None:
    """Sizes, offsets and constants are those of the dump in C++."""
    assert run_abi_program(compiler, "c++", "c++17", tmp_path) == DUMP.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STRUCTS)
def test_python_has_the_size_of_the_dump(name: str) -> None:
    """cffi knows each struct with the size and alignment of the dump."""
    struct = STRUCTS[name]
    assert (ffi.sizeof(name), ffi.alignof(name)) == (struct.size, struct.alignment)


@pytest.mark.parametrize("name", STRUCTS)
def test_python_has_the_fields_of_the_dump(name: str) -> None:
    """cffi knows each field at the offset and with the size of the dump, and no other field."""
    known = [(key, value.offset, ffi.sizeof(value.type)) for key, value in ffi.typeof(name).fields]
    assert known == [(member.name, member.offset, member.size) for member in STRUCTS[name].fields]


@pytest.mark.parametrize("name", CONSTANTS)
def test_python_has_the_constant_of_the_dump(name: str) -> None:
    """Each constant has the value of the dump in Python."""
    assert getattr(lib, name) == CONSTANTS[name]


# ---- the rules that layouts follow ----


@pytest.mark.parametrize(("struct", "member"), FIELDS, ids=FIELD_IDS)
def test_field_has_a_fixed_width(struct: str, member: Field) -> None:
    """A field is a pointer, a number of fixed width, or a struct that has only such fields."""
    if "*" in member.declaration:
        assert member.size == ffi.sizeof("void *")
    else:
        assert member.declaration.split()[0] in FIXED_WIDTH | OWN_NUMBERS | set(STRUCTS)


@pytest.mark.parametrize("name", STRUCTS)
def test_struct_has_no_hidden_padding(name: str) -> None:
    """Each field begins where the one before it ends, and the last ends the struct."""
    ends = [0, *(member.offset + member.size for member in STRUCTS[name].fields)]
    assert [*(member.offset for member in STRUCTS[name].fields), STRUCTS[name].size] == ends


@pytest.mark.parametrize("name", sorted(set(STRUCTS) - WITHOUT_SIZE))
def test_struct_begins_with_its_size(name: str) -> None:
    """A struct that may grow begins with struct_size."""
    first = STRUCTS[name].fields[0]
    assert (first.name, first.offset, first.size) == ("struct_size", 0, 4)


@pytest.mark.parametrize("name", TABLES)
def test_table_has_its_version_at_the_same_place(name: str) -> None:
    """A table has abi_version right behind struct_size, in every version of the ABI."""
    second = STRUCTS[name].fields[1]
    assert (second.name, second.offset, second.size) == ("abi_version", 4, 4)


def test_version_is_made_of_magic_and_number() -> None:
    """PLUGIN_ABI_VERSION carries the magic in its upper half and the number in its lower one."""
    magic, number = CONSTANTS["PLUGIN_ABI_MAGIC"], CONSTANTS["PLUGIN_ABI_VERSION_NUMBER"]
    assert CONSTANTS["PLUGIN_ABI_VERSION"] == magic << 16 | number


@pytest.mark.parametrize("table", ["HostCallbacks", "PluginUiTable"])
def test_first_argument_is_the_context(table: str) -> None:
    """Each function of a table of the host's takes what it belongs to as its first argument."""
    first = {"HostCallbacks": "PluginHost host", "PluginUiTable": "PluginUi *ui"}[table]
    slots = [member.declaration for member in STRUCTS[table].fields if "(*" in member.declaration]
    assert [slot for slot in slots if f")({first}" not in slot] == []


# ---- drift is seen ----


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the headers, of what is generated from them, and of the generator."""
    for name in (
        "build_ffi.py",
        "include/plugin_interface.h",
        "src/native/core.h",
        "src/plugin_interfaces/_abi.py",
        "abi/plugin_interface.abi",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def check(project: Path) -> tuple[int, str]:
    """Exit code and words of `build_ffi.py --check`."""
    command = [sys.executable, "build_ffi.py", "--check"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    return done.returncode, done.stderr.strip()


def edit(project: Path, old: str, new: str) -> None:
    """Replaces a text in the copy of the header, where it stands exactly once."""
    header = project / "include" / "plugin_interface.h"
    text = header.read_text(encoding="utf-8")
    assert text.count(old) == 1
    header.write_text(text.replace(old, new), encoding="utf-8")


DUMP_IS_STALE = "abi/plugin_interface.abi does not match the headers: run `python build_ffi.py --dump` and commit it"
MODULE_IS_STALE = (
    "src/plugin_interfaces/_abi.py does not match the headers: run `python build_ffi.py --abi` and commit it"
)


def test_what_is_committed_matches_the_headers() -> None:
    """Nothing that is generated from the headers is out of date."""
    assert check(ROOT) == (0, "")


def test_a_changed_comment_is_no_drift(project: Path) -> None:
    """Words may change."""
    edit(project, "/* ==== Version ====", "/* Another word. */\n/* ==== Version ====")
    assert check(project) == (0, "")


def widen(project: Path) -> None:
    """A field gets another type."""
    edit(project, "uint32_t flags; /* PLUGIN_METADATA_… */", "uint64_t flags; /* PLUGIN_METADATA_… */")


def append(project: Path) -> None:
    """A struct grows."""
    edit(project, "    PluginText created_at;", "    uint64_t more;\n    PluginText created_at;")


def swap(project: Path) -> None:
    """Two fields change places."""
    edit(
        project,
        "    PluginText value;\n    PluginText label;\n",
        "    PluginText label;\n    PluginText value;\n",
    )


def retype(project: Path) -> None:
    """A slot keeps its size and takes other arguments."""
    edit(
        project,
        "void(PLUGIN_CALL *space)(PluginUi *ui, double points);",
        "void(PLUGIN_CALL *space)(PluginUi *ui, int64_t points);",
    )


@pytest.mark.parametrize("change", [widen, append, swap, retype])
def test_a_changed_struct_is_drift(project: Path, change: Callable[[Path], None]) -> None:
    """A changed field fails the check, and the text says what to do."""
    change(project)
    assert check(project) == (1, DUMP_IS_STALE)


def test_a_changed_constant_is_drift(project: Path) -> None:
    """A changed constant fails the check, for the dump and for Python's enumerations."""
    edit(project, "PLUGIN_STREAM_PAUSED = 1,", "PLUGIN_STREAM_PAUSED = 7,")
    assert check(project) == (1, f"{MODULE_IS_STALE}\n{DUMP_IS_STALE}")


def test_doing_what_the_text_says_helps(project: Path) -> None:
    """After `--dump` the check passes again."""
    widen(project)
    subprocess.run([sys.executable, "build_ffi.py", "--dump"], cwd=project, check=True)
    assert check(project) == (0, "")


def test_a_missing_dump_is_drift(project: Path) -> None:
    """A dump that is not there is made again, too."""
    (project / "abi" / "plugin_interface.abi").unlink()
    assert check(project) == (1, DUMP_IS_STALE)
