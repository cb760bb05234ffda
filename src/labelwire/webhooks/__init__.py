"""Receives what a Label Studio server tells when something happens, as an ASGI app.

    from labelwire.webhooks import WebhookApp

    app = WebhookApp(secret="…")

    @app.on("ANNOTATION_CREATED")
    def learn(event):
        print(event.annotation.id, event.task.id)

    app.register(client, url="https://here.example.org/hooks", project=1)

Run it with any ASGI server, or mount it in FastAPI or Starlette. The server waits a second for the answer, asks nothing
of it and tells nothing twice: what is lost is lost, so look through the project now and then as well.
"""

from __future__ import annotations

from .app import SECRET_HEADER, WebhookApp
from .events import Event

__all__ = ["SECRET_HEADER", "Event", "WebhookApp"]
