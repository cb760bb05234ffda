"""Media files as they come in: looked at, read, and put together with the results that belong to them."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from msgspec import Struct

from ..core.json import encode
from ..core.operation import Upload
from ..errors import InvalidInput

if TYPE_CHECKING:
    from ..label_config import LabelConfig

File: TypeAlias = str | os.PathLike[str] | Upload
"""A media file: its path, or its name and bytes."""

Results: TypeAlias = Mapping[Any, Any] | Callable[[Any], Any]
"""What belongs to the files, by path or file name: a list of regions, or a list of `{"result": [regions], …}`."""

SHOWN = 20
"""Reasons that one message holds."""

FORM = 'Results are a list of regions, or a list of {"result": [regions], …}.'


class Media(Struct, frozen=True):
    """A file that can be read: its position in the input, its path or name as given, its own name, and its bytes."""

    position: int
    given: Any
    path: str
    name: str
    size: int

    def upload(self) -> Upload:
        """The file with its content, as a part of a request.

        Raises:
            InvalidInput: when it cannot be read, or has become empty.
        """
        content = self.given.content if isinstance(self.given, Upload) else self.path
        if not isinstance(content, bytes):
            content = Path(content).expanduser()
            if not _size(self.path):
                raise InvalidInput(f"The file {self.path!r} is empty.")
        kind = self.given.content_type if isinstance(self.given, Upload) else mimetypes.guess_type(self.name)[0]
        return Upload(self.name, content, kind or "application/octet-stream")


def look(given: File, position: int) -> Media:
    """The file that is at this path, not read yet.

    Raises:
        InvalidInput: for what is no file, a folder, or an empty file.
    """
    if isinstance(given, Upload) and isinstance(given.content, bytes):
        path, name, size = given.name, given.name, len(given.content)
    else:
        try:
            place: str | bytes = os.fspath(given.content if isinstance(given, Upload) else given)
        except TypeError:
            raise InvalidInput(f"File {position} is {type(given).__name__} and neither a path nor an Upload.") from None
        if not isinstance(place, str):
            raise InvalidInput(f"File {position} is {place!r}; write its path as text.")
        path = place
        name = given.name if isinstance(given, Upload) else Path(path).name
        size = _size(path)
    if not size:
        raise InvalidInput(f"The file {path!r} is empty.")
    # A name that is not in the system's encoding has half surrogates, which nothing on the way can carry.
    return Media(position, given, path, name.encode(errors="replace").decode(), size)


def checked(paths: Iterable[File]) -> Iterable[File]:
    """The files of an import.

    Raises:
        InvalidInput: for a single path or anything else that is not many.
    """
    given: Any = paths  # what types forbid may come all the same
    if isinstance(given, (str, bytes, os.PathLike, Upload, Mapping)) or not isinstance(given, Iterable):
        raise InvalidInput(f"Files come as a list of paths, and not as {type(given).__name__}.")
    if isinstance(given, Sequence) and not given:
        raise InvalidInput("There are no files to import: the list is empty.")
    return paths


def _size(path: str) -> int:
    place = Path(path).expanduser()
    try:
        if place.is_dir():
            raise InvalidInput(f"{path!r} is a folder: give the files in it, such as sorted(Path(…).iterdir()).")
        return place.stat().st_size
    except (OSError, ValueError) as error:  # ValueError for a null character
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"There is no file {path!r} that can be read: {error}.") from None


class Attached:
    """Annotations or predictions, by the file that they are of."""

    def __init__(self, kind: Literal["annotations", "predictions"], given: Results | None, config: LabelConfig) -> None:
        self._kind = kind
        self._config = config
        self._ask = given if callable(given) else None
        if given is not None and not callable(given) and not isinstance(given, Mapping):
            raise InvalidInput(f"{kind} are a dict by path or file name, or a function, not {type(given).__name__}.")
        entries = given if isinstance(given, Mapping) else {}
        self._by_path = {_plain(key): value for key, value in entries.items()}
        self._used: dict[str, str] = {}

    @property
    def listed(self) -> bool:
        """Whether they are all there, so that they can be looked through beforehand."""
        return self._ask is None

    def of(self, media: Media) -> list[dict[str, Any]]:
        """What belongs to the file, in the form that a task has it.

        Raises:
            InvalidInput: for what is no result, or does not fit the labeling configuration.
        """
        value = self._ask(media.given) if self._ask else self._found(media)
        shaped = self._shaped(value, media.path)
        place = f"{self._kind} of {media.path!r}"
        encode(shaped, f"The {place}")
        if not self._config.controls:
            return shaped
        problems = [f"{place}: {problem}" for one in shaped for problem in self._config.problems(one["result"])]
        if problems:
            raise InvalidInput(joined("Not sent, since it does not fit the labeling configuration:", problems))
        return shaped

    def unused(self) -> list[str]:
        """The entries that no file matched so far."""
        left = [key for key in self._by_path if key not in self._used]
        return [f"{self._kind}[{key!r}] belongs to none of the files." for key in left]

    def _found(self, media: Media) -> Any:
        path = os.path.normpath(media.path)
        key = next((one for one in (path, media.name) if one in self._by_path), None)
        if key is None:
            return None
        if self._used.setdefault(key, path) != path:
            raise InvalidInput(
                f"{self._kind}[{key!r}] could be that of {self._used[key]!r} and of {path!r}: write the path."
            )
        return self._by_path[key]

    def _shaped(self, value: Any, path: str) -> list[dict[str, Any]]:
        if value is None:
            return []
        items: list[Any] = [value] if isinstance(value, Mapping) else value
        if not isinstance(items, (list, tuple)) or not all(isinstance(item, Mapping) for item in items):
            raise InvalidInput(f"The {self._kind} of {path!r} cannot be read. {FORM}")
        whole = ["result" in item for item in items]
        if items and all(whole):
            return [{**item} for item in items]
        if any(whole) or isinstance(value, Mapping):
            raise InvalidInput(f"The {self._kind} of {path!r} cannot be read. {FORM}")
        return [{"result": [*items]}]


class Supply(Protocol):
    """Files one by one, each with what belongs to it."""

    def check(self) -> None:
        """Look through what can be looked through before any is sent."""

    def results_of(self, media: Media) -> dict[str, Any]:
        """The annotations, predictions and so on of a file."""
        ...

    def unused(self) -> list[str]:
        """What belongs to none of the files so far."""
        ...

    def __iter__(self) -> Iterator[Media]: ...


class Incoming:
    """The files one by one, each with what belongs to it.

    Raises:
        InvalidInput: while it is iterated, for the first that cannot be taken.
    """

    def __init__(self, files: Iterable[File], attached: Sequence[tuple[str, Attached]]) -> None:
        self.files = files
        self.attached = attached

    def check(self) -> None:
        """Look through a list of files before any is sent.

        Raises:
            InvalidInput: for all that cannot be taken.
        """
        if not isinstance(self.files, Sequence):
            return
        reasons: list[str] = []
        for position, given in enumerate(self.files):
            try:
                media = look(given, position)
                self.results_of(media, listed=True)
            except InvalidInput as error:
                reasons.append(str(error))
        reasons += self.unused()
        if reasons:
            raise InvalidInput(reasons[0] if len(reasons) == 1 else joined("Nothing was sent:", reasons))

    def results_of(self, media: Media, *, listed: bool = False) -> dict[str, list[dict[str, Any]]]:
        """The annotations and predictions of a file; with `listed`, only those that nothing has to be asked for."""
        return {
            kind: found
            for kind, attached in self.attached
            if (attached.listed or not listed) and (found := attached.of(media))
        }

    def unused(self) -> list[str]:
        """What belongs to none of the files so far."""
        return [reason for _, attached in self.attached for reason in attached.unused()]

    def __iter__(self) -> Iterator[Media]:
        position = -1
        for position, given in enumerate(self.files):
            yield look(given, position)
        if position < 0:
            raise InvalidInput("There are no files to import: the list is empty.")


def joined(said: str, reasons: Sequence[str]) -> str:
    """The reasons as one message, the first of them at least."""
    more = f"\n  and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
    return f"{said}\n" + "\n".join(f"  {reason}" for reason in reasons[:SHOWN]) + more


def _plain(key: Any) -> str:
    try:
        path = os.fspath(key)
    except TypeError:
        raise InvalidInput(f"{key!r} is neither a path nor the name of a file.") from None
    return os.path.normpath(os.fsdecode(path))
