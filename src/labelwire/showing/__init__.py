"""Pictures of tasks: what is shown to annotators, and what they said of it.

from labelwire import showing

picture = showing.preview(task, config=xml, images={"/data/upload/1/a.jpg": "a.jpg"})
picture  # in a notebook
picture.save("task.png")  # or .svg, or .html
"""

from __future__ import annotations

from .preview import Preview, preview
from .scene import Scene

__all__ = ["Preview", "Scene", "preview"]
