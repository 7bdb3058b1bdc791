"""What the checks of `make lint` share: the source files of a tree and their text without comments."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE_FOLDERS = ("master", "faults", "sim", "tools", "bench", "fuzz", "tests")


def code_files(root, folders=CODE_FOLDERS):
    """All C++ files under the code folders, as paths relative to root, sorted."""
    found = []
    for folder in folders:
        for suffix in ("*.h", "*.cpp"):
            found += [path.relative_to(root) for path in (root / folder).rglob(suffix)]
    return sorted(found)


def is_test(path):
    """Tests, and what only they include."""
    return path.name.endswith(("_test.cpp", "_test.h", "_test_kit.h")) or \
        path.parts[0] in ("tests", "fuzz")


_SKIPPED = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\\ ]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'',
    re.DOTALL)


def without_comments_and_literals(text):
    """The text with every comment and literal blanked, so that lines keep their numbers."""
    def blank(match):
        kept = re.sub(r"[^\n]", " ", match.group(0))
        return kept if match.group(0).startswith("/") else '"' + kept[1:-1] + '"'
    # #include lines keep their names: they are not literals.
    lines = text.split("\n")
    includes = {i: line for i, line in enumerate(lines) if re.match(r"\s*#\s*include\b", line)}
    for i in includes:
        lines[i] = ""
    cleaned = _SKIPPED.sub(blank, "\n".join(lines)).split("\n")
    for i, line in includes.items():
        cleaned[i] = line.split("//")[0]
    return "\n".join(cleaned)


_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(text):
    """(line number, quoted or not, name) of each #include."""
    return [(text.count("\n", 0, match.start(2)) + 1, match.group(1) == '"', match.group(2))
            for match in _INCLUDE.finditer(text)]
