"""include/plugin_interface.h as its readers meet it: it compiles everywhere, and its comments keep their promises."""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEADER = ROOT / "include" / "plugin_interface.h"
TEXT = HEADER.read_text(encoding="utf-8")

STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wundef", "-Werror"]
C_STANDARDS = ["c99", "c11", "c17", "c2x"]
CPP_STANDARDS = ["c++11", "c++17", "c++20"]

C_COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)] or ["cc"]
CPP_COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)] or ["c++"]

# Whose functions each table has, as its slots' comments tag them.
TABLE_TAGS = {
    "HostCallbacks": "any, concurrent",
    "PluginUiTable": "entry, serial",
    "PluginInterface": "host, serial",
}

FUNCTION_TYPE_TAGS = {
    "PluginReceiveText": "caller, serial",
    "PluginReceiveHistory": "caller, serial",
    "PluginReceiveStream": "caller, serial",
    "PluginWriteBytes": "caller, serial",
    "CreatePluginFn": "host, concurrent",
    "DestroyPluginFn": "host, serial",
}

# Uses each macro and each helper of the header, so that their bodies are compiled where they stand.
EVERYTHING = r"""
#include "plugin_interface.h"
#include "plugin_interface.h"

struct state {
    char text[64];
    int64_t integer;
    double number;
    int32_t on;
};

static PluginStatus update_ui(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    struct state *state = (struct state *)plugin;
    PluginChoice choices[2];
    choices[0] = plugin_choice("a", "A");
    choices[1] = plugin_choice("b", "B");
    if (!PLUGIN_HAS_SLOT(ui->table, PluginUiTable, heading)) return PLUGIN_UNSUPPORTED;
    plugin_ui_heading(ui, "heading");
    plugin_ui_label(ui, "label");
    plugin_ui_markdown(ui, "*text*");
    plugin_ui_error(ui, "error");
    plugin_ui_separator(ui);
    plugin_ui_space(ui, 6);
    plugin_ui_spinner(ui, "spinner");
    plugin_ui_progress(ui, "progress", 0.5);
    plugin_ui_tooltip(ui, "tooltip");
    plugin_ui_begin_horizontal(ui);
    plugin_ui_begin_vertical(ui);
    plugin_ui_begin_grid(ui, "grid", 2);
    plugin_ui_begin_collapsing(ui, "collapsing", PLUGIN_WIDGET_OPEN);
    plugin_ui_end(ui);
    plugin_ui_push_id(ui, "id");
    plugin_ui_pop_id(ui);
    if (plugin_ui_button(ui, "button")) return plugin_refresh_ui(context);
    plugin_ui_text_edit(ui, "text", state->text, sizeof state->text);
    plugin_ui_password(ui, "password", state->text, sizeof state->text);
    plugin_ui_text_area(ui, "area", state->text, sizeof state->text);
    plugin_ui_integer(ui, "integer", &state->integer, 0, 10);
    plugin_ui_number(ui, "number", &state->number, 0, 1);
    plugin_ui_slider(ui, "slider", &state->number, 0, 1);
    plugin_ui_checkbox(ui, "checkbox", &state->on);
    plugin_ui_toggle(ui, "toggle", &state->on);
    plugin_ui_selectable_value(ui, "selectable", &state->on);
    plugin_ui_radio(ui, "radio", state->text, sizeof state->text, choices, 2);
    plugin_ui_combo_box(ui, "combo", state->text, sizeof state->text, "none", choices, 2);
    return plugin_fail(error, PLUGIN_STATUS_PLUGIN_FIRST - 1, "%s %d", "all of it", 1);
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    struct state *state = (struct state *)plugin;
    PluginStream stream = PLUGIN_NONE;
    plugin_log_trace(context, "trace");
    plugin_log_debug(context, "%d", 1);
    plugin_log_info(context, "info");
    plugin_log_warn(context, "%s", "warn");
    plugin_log_error(context, "error");
    if (plugin_is_over(context, request)) return PLUGIN_CANCELLED;
    if (plugin_text_equals(message, "config")) {
        plugin_get_config(context, "key", state->text, sizeof state->text);
        return plugin_set_config(context, "key", state->text);
    }
    if (plugin_stream_start(context, request, &stream) == PLUGIN_OK) {
        plugin_stream_data(context, stream, "chunk");
        plugin_stream_end(context, stream, NULL);
    }
    if (plugin_text_copy(message, state->text, sizeof state->text) == 0) return plugin_reply(context, request, "");
    plugin_send_message(context, PLUGIN_MESSAGE_INFO, "message");
    if (!PLUGIN_HAS(context, PluginInstanceContext, metadata)) return plugin_reply_text(context, request, message);
    (void)error;
    return plugin_replyf(context, request, "%s", state->text);
}

static void setup(PluginInterface *table) {
    table->features = PLUGIN_FEATURE_SHORT_CALLS;
    table->update_ui = update_ui;
    table->handle_message = handle_message;
}

PLUGIN_DEFINE(sizeof(struct state), setup)
"""


def smallest_plugin() -> str:
    """The source of the smallest plugin, as the header's first comment shows it."""
    match = re.search(r"Smallest plugin, complete.*?\n \*\n((?: \*     .*\n)+)", TEXT)
    assert match is not None
    return "".join(line.removeprefix(" *     ") for line in match[1].splitlines(keepends=True))


def compile_strictly(source: str, language: str, compiler: str, standard: str, folder: Path) -> str:
    """Compiles `source` with warnings as errors and optimisation; what the compiler says."""
    command = [
        compiler,
        "-x",
        language,
        f"-std={standard}",
        *STRICT,
        "-O1",
        "-fPIC",
        "-I",
        str(HEADER.parent),
    ]
    done = subprocess.run(
        [*command, "-c", "-", "-o", str(folder / "out.o")], input=source, capture_output=True, text=True
    )
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("standard", C_STANDARDS)
@pytest.mark.parametrize("compiler", C_COMPILERS)
def test_compiles_as_c(compiler: str, standard: str, tmp_path: Path) -> None:
    """All of the header compiles in each standard of C without a warning."""
    assert compile_strictly(EVERYTHING, "c", compiler, standard, tmp_path) == ""


@pytest.mark.parametrize("standard", CPP_STANDARDS)
@pytest.mark.parametrize("compiler", CPP_COMPILERS)
def test_compiles_as_cpp(compiler: str, standard: str, tmp_path: Path) -> None:
    """All of the header compiles in each standard of C++ without a warning."""
    assert compile_strictly(EVERYTHING, "c++", compiler, standard, tmp_path) == ""


@pytest.mark.parametrize("compiler", C_COMPILERS)
def test_compiles_alone(compiler: str, tmp_path: Path) -> None:
    """The header needs no other include before it, and leaves nothing unused that is warned about."""
    assert compile_strictly('#include "plugin_interface.h"\n', "c", compiler, "c11", tmp_path) == ""


@pytest.mark.parametrize("compiler", C_COMPILERS)
def test_strict_compilation_finds_a_wrong_entry(compiler: str, tmp_path: Path) -> None:
    """A function of another type in a slot does not compile, so the tests above can fail."""
    source = smallest_plugin().replace("PluginText message, PluginError", "PluginText *message, PluginError")
    assert "incompatible" in compile_strictly(source, "c", compiler, "c11", tmp_path)


def test_smallest_plugin_is_small() -> None:
    """The smallest plugin has less than 40 lines."""
    assert len(smallest_plugin().splitlines()) < 40


@pytest.mark.parametrize("compiler", C_COMPILERS)
def test_smallest_plugin_makes_and_destroys_its_table(compiler: str, tmp_path: Path) -> None:
    """The smallest plugin, built with the command beside it, exports both symbols, and they work."""
    command = re.search(r"compile with `cc (.*?)`", TEXT)
    assert command is not None
    (tmp_path / "echo.c").write_text(smallest_plugin(), encoding="utf-8")
    subprocess.run([compiler, "-I", str(HEADER.parent), *command[1].split()], cwd=tmp_path, check=True)
    library = ctypes.CDLL(str(tmp_path / "libecho.so"))
    library.create_plugin.restype = ctypes.c_void_p
    library.destroy_plugin.argtypes = [ctypes.c_void_p]
    library.destroy_plugin.restype = None
    table = library.create_plugin()
    version = ctypes.cast(table, ctypes.POINTER(ctypes.c_uint32))[1]
    library.destroy_plugin(table)
    assert version == 0x504C0001


def test_smallest_plugin_exports_only_its_two_symbols(tmp_path: Path) -> None:
    """With hidden visibility, as a plugin is built, the two entry symbols are all that is seen."""
    (tmp_path / "echo.c").write_text(smallest_plugin(), encoding="utf-8")
    options = ["-shared", "-fPIC", "-fvisibility=hidden", "-I", str(HEADER.parent), "-o", "echo.so", "echo.c"]
    subprocess.run([C_COMPILERS[0], *options], cwd=tmp_path, check=True)
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", "echo.so"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert {line.split()[-1] for line in listed.stdout.splitlines()} == {"create_plugin", "destroy_plugin"}


# ---- comments ----


def struct_body(name: str) -> str:
    """The text between the braces of a struct, with its comments."""
    match = re.search(rf"typedef struct {name} {{\n(.*?)\n}} {name};", TEXT, re.DOTALL)
    assert match is not None
    return match[1]


def slots_with_comments(name: str) -> dict[str, str]:
    """The function pointers of a table, each with the comment before it; several may stand below one comment."""
    found = {}
    comment = ""
    for part in re.finditer(r"/\*(.*?)\*/|\(PLUGIN_CALL \*(\w+)\)\(", struct_body(name), re.DOTALL):
        if part[2]:
            found[part[2]] = " ".join(line.strip(" *") for line in comment.splitlines())
        else:
            comment = part[1]
    return found


TABLE_SLOTS = [(table, slot) for table in TABLE_TAGS for slot in slots_with_comments(table)]


@pytest.mark.parametrize(("table", "slot"), TABLE_SLOTS)
def test_slot_has_a_thread_tag(table: str, slot: str) -> None:
    """The comment of each slot ends with the thread tag of its table."""
    assert slots_with_comments(table)[slot].rstrip().endswith(f"[thread: {TABLE_TAGS[table]}]")


@pytest.mark.parametrize("table", TABLE_TAGS)
def test_no_slot_escapes(table: str) -> None:
    """The test above sees each function pointer of a table."""
    code = re.sub(r"/\*.*?\*/", "", struct_body(table), flags=re.DOTALL)
    assert (code.count("(PLUGIN_CALL *"), 0) == (len(slots_with_comments(table)), code.count("(*"))


def function_types_with_comments() -> dict[str, str]:
    """The function types outside of tables, each with the comment beside it, or else the one before it."""
    found = {}
    comment = ""
    pattern = r"/\*(.*?)\*/|^typedef [^\n]*\(PLUGIN_CALL \*(\w+)\)[^\n]*?(/\*[^\n]*)?$"
    for part in re.finditer(pattern, TEXT, re.DOTALL | re.MULTILINE):
        if part[2]:
            found[part[2]] = part[3] or comment
        else:
            comment = part[1]
    return found


@pytest.mark.parametrize(("name", "tag"), FUNCTION_TYPE_TAGS.items())
def test_function_type_has_a_thread_tag(name: str, tag: str) -> None:
    """Each function type says in its comment who calls it."""
    assert re.findall(r"\[thread: (.*?)\]", function_types_with_comments()[name]) == [tag]


def test_no_function_type_escapes() -> None:
    """The test above knows each function type."""
    assert set(function_types_with_comments()) == set(FUNCTION_TYPE_TAGS)


def test_tags_are_those_that_are_explained() -> None:
    """Each tag is explained at the beginning of the header, and each that is explained is used."""
    explained = re.findall(r"^ \*     \[thread: (.*?)\]", TEXT, re.MULTILINE)
    assert set(explained) == set(re.findall(r"\[thread: (.*?)\]", TEXT.replace(" *     [thread:", "")))


def test_no_line_is_too_long() -> None:
    """A line has at most 120 characters."""
    assert [line for line in TEXT.splitlines() if len(line) > 120] == []
