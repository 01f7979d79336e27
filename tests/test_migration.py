"""docs/migration.md names tests that are there."""

import re

import pytest

from host_support import ROOT

PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.(?:c|rs|py))::(\w+)`", PAGE)))

# How a test of that name begins in each language.
FORMS = {"c": r"^TEST\({}\)", "rs": r"^#\[test\](?:\n#\[.*\])*\nfn {}\(", "py": r"^def {}\("}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_is_there(file: str, name: str) -> None:
    """In the file that is named."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(FORMS[file.rpartition(".")[2]].format(name), text, re.MULTILINE)


def test_each_defect_is_shown_in_each_language() -> None:
    """Fourteen lines, each with a test for C, for Rust and for Python."""
    lines = [line for line in PAGE.splitlines() if line.count("::") >= 3 and line.startswith("|")]
    assert 14 == len(lines)
    assert [3] * 14 == [line.count("::") for line in lines]
