"""The pages say what is there: links, make targets, command lines, kinds of streams, errors."""

import ast
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise, takewhile
from pathlib import Path

import click
import pytest

from clients.cli.lazy import LazyCommand
from ledger.domain.event_types import EVENT_TYPES
from ledger.main import main
from tools.make_error_docs import TARGET, page

ROOT = Path(__file__).parents[2]
FRONT = [
    path
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")
    if (path := ROOT / name).exists()
]
PAGES = [*FRONT, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "tests" / "vectors" / "README.md"]
PROTOS = sorted((ROOT / "proto").rglob("*.proto"))
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
MAKE = re.compile(r"(?:^|[\s;&$])make ((?:[A-Z_]+=\S+ )*)([a-z][a-z-]*)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def prose_of(text: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCED.sub("", text)


def block_lines(text: str) -> Iterator[str]:
    """Yield the lines of fenced and of indented blocks, a line continued by a backslash as one."""
    blocks = [block for language, block in FENCED.findall(text) if language in {"", "sh", "bash"}]
    indented = (line for line in prose_of(text).splitlines() if line.startswith("    "))
    for block in (*blocks, "\n".join(indented)):
        for line in block.replace("\\\n", " ").splitlines():
            yield line.strip().removeprefix("$ ")


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as the usual hosts of repositories make them."""
    found: Counter[str] = Counter()
    for heading in HEADING.findall(prose_of(text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        found[re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")] += 1
    # A heading that stands there again gets a number.
    return {
        f"{anchor}-{number}" if number else anchor
        for anchor, count in found.items()
        for number in range(count)
    }


def table_under(heads: str, path: Path) -> str:
    """Return the rows of the table with these heads."""
    return text_of(path).partition(f"{heads}\n")[2].partition("\n\n")[0]


# --- Links ---------------------------------------------------------------------------------------


def broken_links(page_path: Path, text: str) -> list[str]:
    """Return the links of a page into this repository that lead nowhere."""
    broken = []
    for link in LINK.findall(SPAN.sub("", prose_of(text))):
        if "://" in link or link.startswith("mailto:"):
            continue
        file, _, anchor = link.partition("#")
        target = (page_path.parent / file).resolve()
        inside = target.is_relative_to(ROOT) and target.exists()
        if not inside or (anchor and anchor not in anchors(text_of(target) if file else text)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_into_the_repository_leads_to_a_file_and_a_heading(path: Path) -> None:
    assert broken_links(path, text_of(path)) == []


def test_a_broken_link_is_found() -> None:
    page_path = ROOT / "docs" / "formats.md"
    good = "# A b, c\n# A b, c\n[0](#a-b-c-1) [1](#a-b-c) `[2](x)` [3](emitter.md#6-the-answer)\n"
    text = f"{good}[4](nothing.md) [5](#a-b) [6](emitter.md#7-checking)\n"
    assert broken_links(page_path, good) == []
    assert broken_links(page_path, text) == ["nothing.md", "#a-b", "emitter.md#7-checking"]


# --- make ----------------------------------------------------------------------------------------


def make_targets(text: str) -> set[str]:
    """Return the targets that a page's code names."""
    code = [*SPAN.findall(prose_of(text)), *block_lines(text)]
    return {target for line in code for _, target in MAKE.findall(line.partition("  #")[0])}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert make_targets(text_of(path)) <= targets


def test_make_targets_are_found_in_spans_and_blocks_and_not_in_prose() -> None:
    text = "to make it: `make lint` or `X=1 make types`\n\n    $ make demo DATABASE=x  # make tea\n"
    assert make_targets(text) == {"lint", "types", "demo"}


# --- tledger -------------------------------------------------------------------------------------


def words_of(line: str) -> list[str]:
    """Return the words of a shell line up to the first operator."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(takewhile(lambda word: not set(word) <= set("();<>|&"), lexer))


def fault_of(line: str, *, whole: bool) -> str:
    """Return what keeps a `tledger` line from running; empty when nothing does.

    Args:
        line: The line.
        whole: It is to be run as it stands; else a mention, which may leave things out.
    """
    _, *words = words_of(line)
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        member = command.commands.get(words[0])
        if member is None:
            return f"no command {words[0]}"
        command = member.load() if isinstance(member, LazyCommand) else member
        del words[0]
    context = click.Context(command)
    try:
        given, extra, _ = command.make_parser(context).parse_args(words)
    except click.UsageError as error:
        return error.format_message()
    if extra:
        return f"too many arguments: {extra}"
    if not whole or "help" in given:
        return ""
    missing = [
        parameter.name
        for parameter in command.get_params(context)
        if parameter.required and not isinstance(given.get(parameter.name or ""), str | tuple)
    ]
    return f"missing: {missing}" if missing else ""


def command_lines(text: str) -> list[tuple[str, bool]]:
    """Return the `tledger` lines of a page, and whether each is to be run as it stands."""
    mentions = [(span, False) for span in SPAN.findall(prose_of(text))]
    lines = [*mentions, *((line, True) for line in block_lines(text))]
    return [(line, whole) for line, whole in lines if line.startswith("tledger ")]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_command_line_can_be_run(path: Path) -> None:
    faults = {
        line: fault
        for line, whole in command_lines(text_of(path))
        if (fault := fault_of(line, whole=whole))
    }
    assert faults == {}


def test_the_command_table_of_the_front_page_names_commands_that_exist() -> None:
    named = SPAN.findall(table_under("| who | commands |", ROOT / "README.md"))
    assert len(named) > 10
    assert {name: fault for name in named if (fault := fault_of(f"- {name}", whole=False))} == {}


def operator_commands(group: click.Group) -> Iterator[click.Command]:
    for member in group.commands.values():
        if isinstance(member, click.Group):
            yield from operator_commands(member)
        elif not isinstance(member, LazyCommand):
            yield member


def test_the_examples_in_the_operators_help_can_be_run() -> None:
    examples = [
        line
        for command in operator_commands(main)
        for line in map(str.strip, (command.help or "").replace("\\\n", " ").splitlines())
        if line.startswith("tledger ")
    ]
    assert len(examples) >= 6
    assert [fault for line in examples if (fault := fault_of(line, whole=True))] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("tledger serve --home city & # go", ""),
        ("tledger verify PXZM.json --trust trust.json | less", ""),
        ("tledger --version", ""),
        ("tledger serve --house city", "No such option"),
        ("tledger serf", "no command serf"),
        ("tledger log chekc", "no command chekc"),
        ("tledger serve city", "too many arguments"),
        ("tledger client school", "missing: ['credit_code']"),
        ("tledger client --credit-code 91320599000000017X", "missing: ['out']"),
        ("tledger init --origin", "requires an argument"),
    ],
)
def test_a_command_line_that_cannot_be_run_is_found(line: str, fault: str) -> None:
    found = fault_of(line, whole=True)
    assert fault in found
    assert bool(fault) == bool(found)


def test_a_mention_may_leave_things_out_but_not_be_wrong() -> None:
    assert fault_of("tledger client", whole=False) == ""
    assert fault_of("tledger client --code", whole=False) != ""


# --- The rest ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_python_in_a_page_parses_and_imports_names_that_exist(path: Path) -> None:
    blocks = [block for language, block in FENCED.findall(text_of(path)) if language == "python"]
    for node in (node for block in blocks for node in ast.walk(ast.parse(block))):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = import_module(node.module)
            assert all(hasattr(module, alias.name) for alias in node.names)


def test_the_kinds_of_streams_are_those_of_the_event_types() -> None:
    table = table_under("| kind | bodies |", ROOT / "docs" / "formats.md")
    rows = re.findall(r"^\| `([a-z]+)` \| ([A-Za-z, ]+) \|$", table, re.MULTILINE)
    stated = {(body, kind) for kind, bodies in rows for body in bodies.split(", ")}
    assert stated == {(each.name, each.kind) for each in EVENT_TYPES.values()}


@pytest.mark.parametrize("path", PROTOS, ids=lambda path: path.name)
def test_every_call_of_the_contract_has_a_comment(path: Path) -> None:
    lines = [line.strip() for line in text_of(path).splitlines()]
    for before, line in pairwise(lines):
        if line.startswith("rpc "):
            assert before.startswith("// "), line


def test_the_page_of_errors_is_what_its_generator_makes() -> None:
    assert text_of(TARGET) == page()
