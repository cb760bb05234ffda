"""The formats by name. Each is one module with a writer, a reader, or both; it is imported when it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from msgspec import Struct, field

from ..errors import InvalidInput


class Format(Struct, frozen=True, kw_only=True):
    """A format.

    Attributes:
        name: as a user says it.
        title: in words.
        writer, reader: "module:Class" in this package; "" where there is none.
        aliases: other names; those of the official exporter among them. With options that the alias stands for.
        suffix: of the one file that the output may be, "" where it is always a folder or an archive.
        kinds: the kinds of media that it is about, as tags in lower case; empty where any task fits. Where such a
            format is told no labeling configuration, one is made of what the tasks' results say.
        pages: whether each image of a task with several becomes one of its own.
        stems: whether media get names that differ without their suffixes, as each has a file of its own beside it.
        raw: whether its writer works on the task as it was read, so that no region has to be understood for it.
        embeds: whether media may be inside of its files; its reader writes them into a folder, `media_to`.
        defaults: the options for which it has a default of its own.
        needs: packages beyond the core that it needs, and the extra that brings them.
    """

    name: str
    title: str
    writer: str = ""
    reader: str = ""
    aliases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    suffix: str = ""
    kinds: tuple[str, ...] = ()
    pages: bool = False
    stems: bool = False
    raw: bool = False
    embeds: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    extra: str = ""

    def load(self, role: str) -> Any:
        """Its writer or reader.

        Raises:
            InvalidInput: where it has none, or a package is missing.
        """
        where = getattr(self, role)
        if not where:
            known = ", ".join(one.name for one in FORMATS.values() if getattr(one, role))
            raise InvalidInput(f"There is no {role} for {self.name}; there is one for: {known}.")
        for package in self.needs:
            try:
                import_module(package)
            except ImportError:
                raise InvalidInput(f'{self.title} needs {package}: pip install "labelwire[{self.extra}]".') from None
        module, _, name = where.partition(":")
        return getattr(import_module(f"{__package__}.{module}"), name)


_WHOLE = {"annotations": "all", "unlabeled": "keep"}
_IMAGE = ("image",)
_SHOWN = ("image", "audio", "video", "text", "hypertext", "paragraphs", "timeseries", "list", "table", "pdf", "chat")

FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            name="json",
            title="Label Studio JSON",
            writer="json_tasks:JsonWriter",
            reader="json_tasks:JsonReader",
            aliases={"JSON": {}},
            suffix=".json",
            raw=True,
            defaults={**_WHOLE, "skipped": "keep"},
        ),
        Format(
            name="jsonl",
            title="Label Studio JSON Lines",
            writer="json_tasks:JsonLinesWriter",
            reader="json_tasks:JsonReader",
            suffix=".jsonl",
            raw=True,
            defaults={**_WHOLE, "skipped": "keep"},
        ),
        Format(
            name="json-min",
            title="JSON_MIN",
            writer="json_min:JsonMinWriter",
            reader="table_reading:JsonMinReader",
            aliases={"JSON_MIN": {}},
            suffix=".json",
            raw=True,
            defaults=_WHOLE,
        ),
        Format(
            name="csv",
            title="CSV",
            writer="csv_tasks:CsvWriter",
            reader="table_reading:CsvReader",
            aliases={"CSV_OLD": {}},
            suffix=".csv",
            raw=True,
            defaults=_WHOLE,
        ),
        Format(
            name="tsv",
            title="TSV",
            writer="csv_tasks:TsvWriter",
            reader="table_reading:TsvReader",
            suffix=".tsv",
            raw=True,
            defaults=_WHOLE,
        ),
        Format(
            name="parquet",
            title="Parquet",
            writer="parquet:ParquetWriter",
            reader="table_reading:ParquetReader",
            suffix=".parquet",
            defaults=_WHOLE,
            needs=("pyarrow",),
            extra="arrow",
        ),
        Format(
            name="arrow",
            title="Arrow",
            writer="parquet:ArrowWriter",
            suffix=".arrow",
            defaults=_WHOLE,
            needs=("pyarrow",),
            extra="arrow",
        ),
        Format(
            name="hf",
            title="A Hugging Face dataset",
            writer="hugging_face:HuggingFaceWriter",
            reader="hugging_face_reading:HuggingFaceReader",
            aliases={"huggingface": {}, "datasets": {}},
            kinds=_SHOWN,
            embeds=True,
            needs=("pyarrow",),
            extra="arrow",
        ),
        Format(
            name="coco",
            title="COCO",
            writer="coco:CocoWriter",
            reader="coco_reading:CocoReader",
            aliases={"COCO": {}, "COCO_WITH_IMAGES": {}, "BRUSH_TO_COCO": {}},
            suffix=".json",
            kinds=_IMAGE,
            pages=True,
        ),
        Format(
            name="voc",
            title="Pascal VOC",
            writer="voc:VocWriter",
            reader="voc_reading:VocReader",
            aliases={"VOC": {}, "pascal-voc": {}},
            kinds=_IMAGE,
            pages=True,
            stems=True,
        ),
        Format(
            name="yolo",
            title="YOLO",
            writer="yolo:YoloWriter",
            reader="yolo_reading:YoloReader",
            aliases={
                "YOLO": {},
                "YOLO_WITH_IMAGES": {},
                "YOLO_OBB": {"task": "obb"},
                "YOLO_OBB_WITH_IMAGES": {"task": "obb"},
                "yolo-detect": {"task": "detect"},
                "yolo-seg": {"task": "segment"},
                "yolo-segment": {"task": "segment"},
                "yolo-obb": {"task": "obb"},
                "yolo-pose": {"task": "pose"},
            },
            kinds=_IMAGE,
            pages=True,
            stems=True,
        ),
        Format(
            name="numpy",
            title="Masks as NumPy arrays",
            writer="mask_images:NumpyWriter",
            reader="mask_reading:MaskReader",
            aliases={"BRUSH_TO_NUMPY": {}, "npy": {}},
            kinds=_IMAGE,
            pages=True,
            stems=True,
            defaults={"annotations": "all", "names": "id"},
            needs=("numpy",),
            extra="formats",
        ),
        Format(
            name="png",
            title="Masks as PNG images",
            writer="mask_images:PngWriter",
            reader="mask_reading:MaskReader",
            aliases={"BRUSH_TO_PNG": {}},
            kinds=_IMAGE,
            pages=True,
            stems=True,
            defaults={"annotations": "all", "names": "id"},
            needs=("numpy",),
            extra="formats",
        ),
        Format(
            name="semantic",
            title="Semantic segmentation as PNG images",
            writer="mask_images:SemanticWriter",
            reader="mask_reading:SemanticReader",
            kinds=_IMAGE,
            pages=True,
            stems=True,
            needs=("numpy",),
            extra="formats",
        ),
        Format(
            name="instances",
            title="Instance segmentation as PNG images",
            writer="mask_images:InstancesWriter",
            reader="mask_reading:InstancesReader",
            kinds=_IMAGE,
            pages=True,
            stems=True,
            needs=("numpy",),
            extra="formats",
        ),
        Format(
            name="conll",
            title="CoNLL 2003",
            writer="conll:ConllWriter",
            reader="text_reading:ConllReader",
            aliases={"CONLL2003": {}},
            suffix=".conll",
            kinds=("text", "hypertext", "paragraphs"),
        ),
        Format(
            name="spacy",
            title="spaCy's DocBin",
            writer="spacy_docs:SpacyWriter",
            reader="spacy_docs:SpacyReader",
            aliases={"docbin": {}},
            suffix=".spacy",
            kinds=("text", "hypertext", "paragraphs"),
            needs=("spacy",),
            extra="spacy",
        ),
        Format(
            name="texts",
            title="Texts with spans or labels, as JSON, JSON Lines, CSV or TSV",
            reader="text_reading:TextReader",
            aliases={"doccano": {}, "prodigy": {}},
        ),
        Format(
            name="asr",
            title="Speech recognition manifest",
            writer="asr:AsrWriter",
            reader="asr:AsrReader",
            aliases={"ASR_MANIFEST": {}, "nemo": {}},
            suffix=".json",
            kinds=("audio", "audioplus"),
        ),
        Format(
            name="funsd",
            title="FUNSD",
            writer="documents:FunsdWriter",
            reader="funsd_reading:FunsdReader",
            kinds=_IMAGE,
            pages=True,
            stems=True,
        ),
        Format(
            name="doclang",
            title="DocLang archives",
            writer="documents:DoclangWriter",
            aliases={"DOCLANG": {}},
            defaults={"annotations": "all"},
        ),
        Format(
            name="video-frames",
            title="Tables of the boxes in each frame of videos",
            writer="tracks:FramesWriter",
            aliases={"video-frames-jsonl": {"table": "jsonl"}},
            kinds=("video",),
        ),
        Format(
            name="mot",
            title="MOT challenge",
            writer="mot:MotWriter",
            reader="mot:MotReader",
            aliases={"MOTChallenge": {}},
            kinds=("video",),
            stems=True,
        ),
        Format(name="table", title="A table of data", reader="table_reading:TableReader"),
    )
}
"""By name, in the order in which a list shows them."""


def find(name: str) -> tuple[Format, Mapping[str, Any]]:
    """The format of this name or alias, with the options that an alias stands for.

    Raises:
        InvalidInput: for a name that nobody knows, with those that come near.
    """
    for one, options in _named():
        if name.lower() == one:
            return FORMATS[options[0]], options[1]
    from difflib import get_close_matches

    known = [one for one, _ in _named()]
    near = get_close_matches(name.lower(), known, 3, 0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InvalidInput(f"There is no format {name!r}.{hint} There are: {', '.join(FORMATS)}.")


def _named() -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    for one in FORMATS.values():
        yield one.name, (one.name, {})
        for alias, options in one.aliases.items():
            yield alias.lower(), (one.name, options)
