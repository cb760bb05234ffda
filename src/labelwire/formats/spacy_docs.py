"""spaCy's DocBin: texts with entities, spans, categories and relations, to train from and to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, get_args

import msgspec
from msgspec.structs import replace

from ..errors import InvalidInput
from ..label_config import LabelConfig, text
from .batch import Context, Part, counted
from .images import ANSWER
from .json_tasks import plain
from .model import Annotation, Choices, Relation, Sample
from .output import Output
from .report import Report
from .spans import Document, Documents, Span, apart
from .text_reading import Mark, TextTools

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, DocBin
    from spacy.tokens import Span as Marked

Written: TypeAlias = Literal["overlapping", "all"]
Alignment: TypeAlias = Literal["strict", "contract", "expand"]

_pack = msgspec.msgpack.Encoder().encode

UNALIGNED = 'a span that begins or ends within a token; alignment="expand" takes the whole token'
LOOSE = "a relation with a region that is not written"
VERSIONS = "A task with several annotations is written once for each."
BOTH = 'Spans that overlap are all in doc.spans["sc"]; of those in doc.ents, the longest.'

SPANS = "sc"
"""The key of `doc.spans` that spaCy's span categorizer reads."""

_ATTRIBUTES = ("ORTH", "ENT_IOB", "ENT_TYPE")


class SpacyWriter:
    """Writes `result.spacy`, or with a split `train.spacy` and so on.

    `doc.ents` are the spans, and of those that overlap the longest; of a text where some do, `doc.spans["sc"]` are all.
    `doc.cats` are the choices of the text, each 1.0 or 0.0, as "control: choice" where the project has several
    questions.
    `doc.user_data` has the task's id as "task" and as "relations" dicts with `source` and `target`, each start and end
    in the text, `direction` and `labels`. What is within a span that is left out is marked as missing, and not as
    outside of all entities.

    spaCy reads a DocBin as a whole, and so it is made: memory grows with the tokens of a file.

    Options:
        language: whose tokens they are, as `spacy.blank` takes it.
        alignment: what becomes of spans that begin or end within a token: "strict" leaves them out, "contract" and
            "expand" move their ends.
        spans: of which texts `doc.spans["sc"]` are written: "overlapping", or "all", for spaCy's span categorizer.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"language": "en", "alignment": "strict", "spans": "overlapping"}

    def __init__(self, context: Context) -> None:
        for name, allowed in (("alignment", get_args(Alignment)), ("spans", get_args(Written))):
            if context.own[name] not in allowed:
                known = ", ".join(map(repr, allowed))
                raise InvalidInput(f"{name} is {context.own[name]!r}; it is one of: {known}.")
        try:
            self._tokenizer = _pipeline(context.own["language"]).tokenizer
        except (ImportError, TypeError, ValueError) as error:
            raise InvalidInput(f"spaCy has no language {context.own['language']!r}: {str(error)[:200]}") from None
        self._alignment: Alignment = context.own["alignment"]
        self._all = context.own["spans"] == "all"
        self._documents = Documents(context)
        self._splits = tuple(name for name, _ in context.options.split)
        shown = context.shown.name if context.shown is not None else ""
        self._questions = {
            one.name: one.labels
            for one in context.schema.controls.values()
            if one.type == "choices" and shown in one.objects and not one.per_region
        }

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """A DocBin for each split."""
        bins: dict[str, DocBin] = {}
        for sample in samples:
            if len(sample.annotations) > 1:
                report.note(VERSIONS)
            regions = written = 0
            for annotation, document in self._documents.of(sample, report):
                doc, there = self._doc(annotation, document, sample, report)
                _add(bins.setdefault(sample.split, _bin()), doc)
                regions += there
                written += 1
            if written:
                counted(report, len(sample.annotations), regions)
        return Part(rows={split: docs.to_bytes() for split, docs in bins.items()})

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Put the DocBins of a split together."""
        if self._splits and output.is_single:
            raise InvalidInput(f"{output.place} is one file, and a split needs one each: name a folder.")
        bins = {split: _bin() for split in self._splits or ("",)}
        for part in parts:
            for split, content in part.rows.items():
                bins[split].merge(_bin().from_bytes(content))
        with ExitStack() as stack:
            for split, docs in bins.items():
                stream = stack.enter_context(output.open(f"{split or 'result'}.spacy"))
                stream.write(docs.to_bytes())

    def _doc(
        self, annotation: Annotation | None, document: Document, sample: Sample, report: Report
    ) -> tuple[Doc, int]:
        """The doc, and how many regions it has."""
        doc = self._tokenizer(_writable(document.text))
        doc.user_data["task"] = sample.id
        if annotation is None:
            return doc, 0
        placed: dict[str, Span] = {}
        spans: list[Marked] = []
        missing: list[Marked] = []
        for span in document.spans:
            marked = self._aligned(doc, span)
            if marked:
                placed[span.region] = span
                spans += marked
            else:
                missing += self._aligned(doc, span, "expand")
                report.leave_out(
                    UNALIGNED,
                    sample.id,
                    sample.index,
                    annotation=annotation.id,
                    region=span.region,
                    detail=f"{span.labels[0]} at {span.start} to {span.end}",
                )
        if spans or missing:
            self._mark(doc, spans, missing, report)
        self._categories(doc, annotation, sample, report)
        relations = [made for one in annotation.relations if (made := _relation(one, placed)) is not None]
        if relations:
            doc.user_data["relations"] = relations
        for one in annotation.relations:
            if one.source not in placed or one.target not in placed:
                ends = f"{one.source} to {one.target}"
                report.leave_out(LOOSE, sample.id, sample.index, annotation=annotation.id, detail=ends)
        return doc, len(placed)

    def _aligned(self, doc: Doc, span: Span, alignment: str = "") -> list[Marked]:
        """The span, once for each of its labels; none where it does not fit."""
        from spacy.tokens import Span as Marked

        found = doc.char_span(span.start, span.end, alignment_mode=alignment or self._alignment)
        if found is None or not len(found):
            return []
        return [Marked(doc, found.start, found.end, label=_writable(label)) for label in span.labels]

    def _mark(self, doc: Doc, spans: list[Marked], missing: list[Marked], report: Report) -> None:
        flat = [Span(one.start, one.end, (one.label_,), str(place)) for place, one in enumerate(spans)]
        longest = [spans[int(one.region)] for one in apart(flat)]
        if len(longest) < len(spans):
            report.note(BOTH)
        taken = {at for one in longest for at in range(one.start, one.end)}
        unknown = sorted({at for one in missing for at in range(one.start, one.end)} - taken)
        doc.set_ents(longest, missing=[doc[at : at + 1] for at in unknown], default="outside")
        if spans and (self._all or len(longest) < len(spans)):
            doc.spans[SPANS] = spans

    def _categories(self, doc: Doc, annotation: Annotation, sample: Sample, report: Report) -> None:
        for reply in annotation.replies:
            choices = self._questions.get(reply.control)
            if choices is None or reply.region is not None or not isinstance(reply.answer, Choices):
                report.leave_out(ANSWER, sample.id, sample.index, annotation=annotation.id, detail=reply.control)
                continue
            before = f"{reply.control}: " if len(self._questions) > 1 else ""
            for one in dict.fromkeys((*choices, *reply.answer.values)):
                doc.cats[_writable(before + one)] = float(one in reply.answer.values)


class SpacyReader:
    """Reads a DocBin, a folder of them or one file: `doc.spans["sc"]`, or else `doc.ents`, and `doc.cats`.

    Categories that are "control: choice" for several controls are choices of one question here.
    """

    def __init__(self, place: Path, report: Report, *, config: LabelConfig | None = None, language: str = "en") -> None:
        self._files = _docbins(place)
        if not self._files:
            raise InvalidInput(f"{place} holds no .spacy file.")
        self._split = place.is_dir()
        self._report = report
        self._vocab = _pipeline(language).vocab
        if config is None:
            spans: dict[str, None] = {}
            cats: dict[str, None] = {}
            several = False
            for _, doc in self._docs():
                spans.update(dict.fromkeys(label for _, _, label in _marks(doc)))
                cats.update(dict.fromkeys(doc.cats))
                several = several or len(_chosen(doc)) > 1
            if several:
                config = text(spans=list(spans), several={"choice": list(cats)})
            else:
                config = text(spans=list(spans), choices=list(cats))
        self.config = config
        self._tools = TextTools(config)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether the names of what is there end with .spacy."""
        return bool(_docbins(place))

    def samples(self) -> Iterator[Sample]:
        """The docs."""
        for index, (file, doc) in enumerate(self._docs()):
            split = file.stem if self._split and file.stem != "result" else ""
            number = doc.user_data.get("task")
            sample = self._tools.sample(
                index,
                doc.text,
                _marks(doc),
                self._report,
                labels=_chosen(doc),
                split=split,
                id=number if isinstance(number, int) else None,
            )
            yield _related(sample, doc)

    def _docs(self) -> Iterator[tuple[Path, Doc]]:
        for file in self._files:
            try:
                docs = _bin().from_disk(file)
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise InvalidInput(f"{file} is no DocBin that can be read: {error}.") from None
            for doc in docs.get_docs(self._vocab):
                yield file, doc


@cache
def _pipeline(language: str) -> Language:
    """Of a language, what cuts texts into tokens; it takes as long to make as hundreds of docs."""
    import spacy

    return spacy.blank(language)


def _bin() -> DocBin:
    from spacy.tokens import DocBin

    return DocBin(_ATTRIBUTES, store_user_data=True)


def _add(docs: DocBin, doc: Doc) -> None:
    """Add a doc. Its user data are packed here: spaCy looks through all installed packages each time that it does."""
    docs.store_user_data = False
    docs.add(doc)
    docs.store_user_data = True
    docs.user_data.append(_pack(doc.user_data))


def _docbins(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(place.glob("*.spacy"))
    return [place] if place.is_file() and place.suffix == ".spacy" else []


def _marks(doc: Doc) -> list[Mark]:
    spans: Iterable[Marked] = doc.spans.get(SPANS, doc.ents)
    return [(one.start_char, one.end_char, one.label_) for one in spans]


def _chosen(doc: Doc) -> list[str]:
    return [label for label, share in doc.cats.items() if share >= 0.5]


def _relation(one: Relation, placed: Mapping[str, Span]) -> dict[str, Any] | None:
    source, target = placed.get(one.source), placed.get(one.target)
    if source is None or target is None:
        return None
    return {
        "source": [source.start, source.end],
        "target": [target.start, target.end],
        "direction": one.direction,
        "labels": [_writable(label) for label in one.labels],
    }


def _related(sample: Sample, doc: Doc) -> Sample:
    """The sample with the relations that `SpacyWriter` has written."""
    given = doc.user_data.get("relations")
    if not isinstance(given, (list, tuple)):
        return sample
    (annotation,) = sample.annotations
    at = {(one.shape.start, one.shape.end): one.id for one in reversed(annotation.regions)}  # type: ignore[union-attr]
    relations = tuple(
        Relation(at[source], at[target], str(one.get("direction", "right")), _listed(one.get("labels")))
        for one in given
        if isinstance(one, dict)
        and (source := _listed(one.get("source"))) in at
        and (target := _listed(one.get("target"))) in at
    )
    return replace(sample, annotations=(replace(annotation, relations=relations),))


def _listed(given: Any) -> tuple[Any, ...]:
    """What was written as a list; others may have written anything under the same name."""
    return tuple(given) if isinstance(given, (list, tuple)) and all(type(one) in (str, int) for one in given) else ()


def _writable(said: str) -> str:
    try:
        said.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return str(plain(said))
    return said
