"""`client.files`: uploads of a project, and files of any origin, any number of them."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from ..core.endpoint import D, workflow
from ..core.operation import Flow
from ..resources.files import Files as Single
from .downloads import Downloads, download_files
from .report import OnProgress


class Files(Single[D]):
    """Files: what was uploaded into a project, and downloads of many."""

    @workflow
    def download_many(
        self,
        files: Iterable[str],
        *,
        path: str | PathLike[str],
        at_once: int = 4,
        progress: OnProgress | None = None,
    ) -> Flow[Downloads]:
        """Downloads files into a folder, several at a time, and reports where each one is.

        After an interruption the same call goes on where that one broke off, within a large file too. A file that
        cannot be had is reported, and the others go on.

        Args:
            files: any iterable of what `download` takes: uploads' paths, paths as task data has them, or URLs. Each
                gets the last part of its address as its name; of several equal ones the second becomes "a-2.jpg".
            path: the folder; it is made where it is missing. Files of the same names in it are replaced.
            at_once: how many at a time.
            progress: called after each file.

        Raises:
            Unauthorized, ConnectionLost: when the server does not know the user, or is gone for longer than the
                client is patient; `error.report` has what was done.
        """
        return (yield from download_files(files, path=path, at_once=at_once, progress=progress))
