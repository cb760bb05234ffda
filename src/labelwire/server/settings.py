"""The environment variables that a server gets: ours, the caller's, and few of the shell's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Label Studio reads its settings under plain names too (HOST, PORT, DEBUG, SECRET_KEY, USERNAME …), so
# whatever happens to be in the shell would change it. Only these are passed on.
# fmt: off
_PASSED_ON = frozenset({
    "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT",
    "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "USERPROFILE",
})
# fmt: on

_SILENT = {
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "COLLECT_ANALYTICS": "false",
    "LATEST_VERSION_CHECK": "false",
}


def server_env(data_dir: Path, settings: Mapping[str, str], login: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for a server on `data_dir`. Nothing in `settings` turns its telemetry on."""
    shell = {name: value for name, value in os.environ.items() if _passed_on(name)}
    # Of the names of a setting, Label Studio takes the one with its prefix first.
    ours = {f"LABEL_STUDIO_{name}": value for name, value in (_SILENT | dict(login or {})).items()}
    # Even with --data-dir it would first make its usual directory in the user's home.
    return {**shell, **settings, **_SILENT, **ours, "LABEL_STUDIO_BASE_DATA_DIR": str(data_dir)}


def _passed_on(name: str) -> bool:
    return name.upper() in _PASSED_ON or name.startswith(("LC_", "XDG_"))


def secrets_in(settings: Mapping[str, str]) -> list[str]:
    """The values that no message may show."""
    telling = ("PASSWORD", "SECRET", "TOKEN", "KEY", "DSN")
    return [value for name, value in settings.items() if any(word in name.upper() for word in telling)]
