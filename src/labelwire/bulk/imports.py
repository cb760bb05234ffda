"""`client.imports`: tasks, files, predictions and annotations, any number of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..core.endpoint import D, workflow
from ..core.operation import Flow
from ..resources.imports import Imports as Single
from .annotating import Helpers, import_annotations
from .importing import import_tasks
from .intake import Existing, Source
from .media import import_files
from .media_files import File, Results
from .predicting import import_predictions
from .report import OnProgress, OnRefusal, Report

if TYPE_CHECKING:
    from ..label_config import LabelConfig
    from .datasets import DatasetImport


class Imports(Single[D]):
    """Imports of any number, each item on the server exactly once."""

    @workflow
    def tasks(
        self,
        project: int,
        tasks: Source,
        *,
        preannotated_from_fields: Sequence[str] = (),
        key: str | None = None,
        existing: Existing = "skip",
        dry_run: bool = False,
        on_refusal: OnRefusal = "raise",
        ledger: str | PathLike[str] | None = None,
        progress: OnProgress | None = None,
        format: str | None = None,
    ) -> Flow[Report]:
        """Imports tasks, each exactly once, and reports their ids in the order of the input.

        They go up in batches that adapt to the server. When an answer is lost, it is looked up whether the batch was
        applied before anything is sent again.

        Args:
            tasks: any iterable of task data such as `{"image": "https://…"}` or of whole tasks
                `{"data": {…}, "annotations": […], "predictions": […], "meta": {…}}`; or the path or fsspec URL of a
                JSON, JSONL, CSV, TSV, TXT or Parquet file, compressed or not. It is read as it is sent.
            preannotated_from_fields: data fields whose values become predictions.
            key: "data.NAME" or "data": tasks whose field, or whose data as a whole, the project has already are not
                made again. The project's tasks are read for this, their ids and data.
            existing: what happens to those: "skip", or "update" their data and meta where they differ.
            dry_run: only report what would happen.
            on_refusal: "raise" takes everything back when one item is refused; "skip" reports it and goes on.
            ledger: a file that remembers what was sent. After an interruption the same call with the same input goes on
                from there, and what was imported before a refusal stays.
            progress: called after each batch.
            format: "json", "csv" and so on, where the name of the file does not say.

        Raises:
            InvalidInput: for an empty input, or an item that is no task.
            InvalidRequest: when the server refuses an item; the message says which.
            ConnectionLost, ServerError: when the server is gone for longer than the client is patient;
                `error.report` has what was done.
        """
        return (
            yield from import_tasks(
                project,
                tasks,
                preannotated_from_fields=preannotated_from_fields,
                key=key,
                existing=existing,
                dry_run=dry_run,
                on_refusal=on_refusal,
                ledger=ledger,
                progress=progress,
                format=format,
            )
        )

    @workflow
    def files(
        self,
        project: int,
        files: Iterable[File],
        *,
        annotations: Results | None = None,
        predictions: Results | None = None,
        data_key: str | None = None,
        ledger: str | PathLike[str] | None = None,
        progress: OnProgress | None = None,
    ) -> Flow[Report]:
        """Uploads media files and makes a task of each, exactly once; reports the tasks' ids in the order of the files.

        The name that a file has here is kept as `meta["file_name"]` of its task.

        Args:
            files: any iterable of paths, or of `Upload` for what is in memory.
            annotations, predictions: what belongs to which file, by its path or its name: a list of regions, or a list
                of `{"result": […], "score": 0.9, "model_version": "v1"}`; or a function of the path that gives that.
            data_key: which field of the data the file is; by default the only one that the labeling configuration has.
            ledger: a file that remembers what was sent; after an interruption the same call goes on from there.
            progress: called after each request.

        Raises:
            InvalidInput: for a file that cannot be read, for results that fit no file or not the labeling
                configuration; nothing stays on the server.
            InvalidRequest: when the server refuses a file.
        """
        return (
            yield from import_files(
                project,
                files,
                annotations=annotations,
                predictions=predictions,
                data_key=data_key,
                ledger=ledger,
                progress=progress,
            )
        )

    @workflow
    def dataset(
        self,
        /,
        project: int | None,
        path: str | PathLike[str],
        *,
        format: str | None = None,
        title: str | None = None,
        config: LabelConfig | str | PathLike[str] | None = None,
        ledger: str | PathLike[str] | None = None,
        progress: OnProgress | None = None,
        **own: Any,
    ) -> Flow[DatasetImport]:
        """Imports a dataset with its annotations: COCO, YOLO, Pascal VOC and whatever `labelwire.formats` reads.

        Files of images, audio and video that are in its folder, or inside of its Parquet files, are uploaded; a task is
        made of each, exactly once.

        Args:
            project: where to; None makes a project with a labeling configuration that fits the dataset.
            path: the dataset's folder, or the file that its annotations are in.
            format: what it is; without it, that is seen by what is there.
            title: of the project that is made; by default the name of the folder or file.
            config: a labeling configuration to read it for, in place of the project's.
            ledger: a file that remembers what was sent; after an interruption the same call goes on from there.
            progress: called after each request.
            **own: options of the format's reader, such as `images`, the folder of the images.

        Raises:
            InvalidInput: where no format fits, or what is there is broken. A project that was made is gone again.
        """
        from .datasets import import_dataset

        return (
            yield from import_dataset(
                project,
                path,
                format=format,
                title=title,
                config=config,
                ledger=ledger,
                progress=progress,
                own=own,
            )
        )

    @workflow
    def predictions(
        self,
        project: int,
        predictions: Iterable[Mapping[str, Any]],
        *,
        check: bool = True,
        on_refusal: OnRefusal = "raise",
        progress: OnProgress | None = None,
    ) -> Flow[Report]:
        """Imports predictions onto existing tasks, each exactly once.

        Args:
            predictions: any iterable of `{"task": id, "result": […], "score": 0.9, "model_version": "v1"}`.
            check: compare them with the project's labeling configuration first; the server leaves out what does not
                fit, and says nothing.
            on_refusal: "raise" looks through a list as a whole before anything is sent, and stops at the first that
                is refused; "skip" reports it and goes on.
            progress: called after each batch.

        Raises:
            InvalidInput: for an empty input, for one that is no prediction, or does not fit.
            UnexpectedReply: when the server has left some out.
        """
        return (
            yield from import_predictions(project, predictions, check=check, on_refusal=on_refusal, progress=progress)
        )

    @workflow
    def annotations(
        self,
        project: int,
        annotations: Iterable[Mapping[str, Any]],
        *,
        check: bool = True,
        helpers: Helpers = "remove",
        on_refusal: OnRefusal = "raise",
        progress: OnProgress | None = None,
    ) -> Flow[Report]:
        """Imports annotations onto existing tasks, each exactly once.

        Many go up by way of predictions that are removed afterwards. They are the caller's and of now, as any
        annotation that is made through the API; those that name another `completed_by`, a `lead_time`, `was_cancelled`
        or `ground_truth` go one by one, since only so the server keeps that.

        Args:
            annotations: any iterable of `{"task": id, "result": […]}`, with further fields of an annotation.
            check: compare them with the project's labeling configuration first.
            helpers: "keep" leaves the predictions that the annotations were made of, under a model version that the
                report names. The server deletes them one by one, which takes longer than all the rest.
            on_refusal: "raise" looks through a list as a whole before anything is sent; "skip" reports what is refused
                and goes on.
            progress: called after each batch.

        Raises:
            InvalidInput: for an empty input, for one that is no annotation, or does not fit.
            InvalidRequest: when the server refuses one.
        """
        return (
            yield from import_annotations(
                project, annotations, check=check, helpers=helpers, on_refusal=on_refusal, progress=progress
            )
        )
