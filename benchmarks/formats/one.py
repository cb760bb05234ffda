"""One conversion, in a process of its own: what a contestant's time and memory are measured of.

It is run with the contestant's own Python, so it must not import anything of the other one.
"""

import json
import sys
import time
from typing import Any


def official(call: dict[str, Any]) -> None:
    """The official converter, as its own export does it."""
    from pathlib import Path

    # Only the contestant's own environment has it.
    from label_studio_sdk.converter import Converter  # type: ignore[import-not-found]

    Path(call["folder"]).mkdir()  # some of its formats do not make it
    converter = Converter(call["config"], project_dir=None, download_resources=False)
    begun = time.perf_counter()
    converter.convert(call["source"], call["folder"], call["name"], is_dir=False)
    if call["zip"]:
        import shutil

        shutil.make_archive(call["folder"], "zip", call["folder"])
    print(time.perf_counter() - begun)  # noqa: T201


def ours(call: dict[str, Any]) -> None:
    """labelwire's."""
    from labelwire import formats

    begun = time.perf_counter()
    path = call["folder"] + (".zip" if call["zip"] else "")
    report = formats.convert(call["source"], call["name"], path, config=call["config"])
    seconds = time.perf_counter() - begun
    if report.tasks_out != call["tasks"]:
        raise SystemExit(f"not complete: {report}")
    print(seconds)  # noqa: T201


if __name__ == "__main__":
    given = json.loads(sys.argv[2])
    {"official": official, "ours": ours}[sys.argv[1]](given)
