"""The pages of the docs as programs: their blocks run in order, in one namespace, in a folder of their own.

    python tests/docs/pages.py docs/quickstart.md

runs one by itself, on the server that LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY name, in the current folder.

- ` ```python ` is run as it stands; `await` may stand outside of a function, as in a notebook.
- ` ```python title="x.py" ` is written to that file.
- ` ```console ` runs what is behind `$ `, in bash. `pip install` is left to whoever made the environment.
- `<!-- not run: reason -->` above a block says why it cannot run.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+?) -->\n+)?```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?[^\n]*\n"
    r"(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
EXTRAS = re.compile(r'pip install "?labelwire(?:\[([\w,]+)\])?"?')


@dataclass(frozen=True)
class Block:
    """A block of a page: where it begins, its text, the file that it is, and why it is not run."""

    line: int
    language: str
    text: str
    title: str | None
    reason: str | None


def blocks(page: Path) -> list[Block]:
    """The page's blocks, in order."""
    text = page.read_text("utf-8")
    return [
        Block(text.count("\n", 0, one.start("text")) + 1, one["language"], one["text"], one["title"], one["reason"])
        for one in BLOCK.finditer(text)
    ]


def extras(page: Path) -> set[str]:
    """The extras that the page installs."""
    text = page.read_text("utf-8")
    return {name for one in EXTRAS.finditer(text) if one[1] for name in one[1].split(",")}


def others(page: Path) -> set[str]:
    """What the page installs beside labelwire."""
    lines = re.findall(r"^\$ pip install (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {name for line in lines for name in line.split() if "labelwire" not in name}


def commands(block: Block) -> Iterator[str]:
    """What is typed, with what continues it."""
    for line in re.findall(r"^\$ ((?:.*\\\n)*.*)$", block.text, re.MULTILINE):
        if not line.startswith("pip install"):
            yield line.partition("  #")[0]


def run(page: Path) -> Iterator[str]:
    """Runs the page, and says of each block what became of it."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with asyncio.Runner() as runner:
        for block in blocks(page):
            place = f"{page.name}:{block.line}"
            if block.reason is not None:
                yield f"{place} not run: {block.reason}"
            elif block.title is not None:
                Path(block.title).parent.mkdir(parents=True, exist_ok=True)
                Path(block.title).write_text(block.text, "utf-8")
                yield f"{place} written to {block.title}"
            elif block.language == "python":
                python(block, place, namespace, runner)
                yield f"{place} run"
            elif block.language == "console":
                for line in commands(block):
                    subprocess.run(["bash", "-euc", line], check=True)  # noqa: S607 - what the page says
                yield f"{place} run"


def python(block: Block, place: str, namespace: dict[str, Any], runner: asyncio.Runner) -> None:
    """Runs a block of Python; an error names its line of the page."""
    text = "\n" * (block.line - 1) + local(block.text)
    code = compile(text, place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(code, namespace)  # noqa: S307 - the page is ours
    if inspect.isawaitable(value):
        runner.run(_awaited(value))


async def _awaited(value: Any) -> None:
    await value


def local(text: str) -> str:
    """The block, with the server that is there in place of the one of an example."""
    text = text.replace("http://localhost:8080", os.environ["LABEL_STUDIO_URL"])
    return text.replace('api_key="…"', f"api_key={os.environ['LABEL_STUDIO_API_KEY']!r}")


if __name__ == "__main__":
    warnings.simplefilter("error")
    sys.path[0] = ""  # the folder, as for whoever types this there
    for said in run(Path(sys.argv[1])):
        print("::", said, flush=True)  # noqa: T201 - the test shows it
