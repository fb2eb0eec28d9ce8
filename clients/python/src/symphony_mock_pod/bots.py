"""A bot or an app of the pod, ready to be handed to an SDK."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Mapping, Optional
from urllib.parse import quote

from .control import Control

#: Three attempts within a fifth of a second: the SDK's own are ten, and minutes of waiting.
SHORT_RETRY: Mapping[str, Any] = {"maxAttempts": 3, "initialIntervalMillis": 20, "multiplier": 1.5, "maxIntervalMillis": 100}


class Bot:
    """A service user, with its files and the configuration of an SDK. Files are fetched when they are asked for."""

    def __init__(
        self,
        control: Control,
        folder: Path,
        server: Mapping[str, Any],
        username: str,
        auth: str,
        app: Optional[str],
        settings: Mapping[str, Any],
    ):
        if auth not in ("rsa", "certificate"):
            raise ValueError(f"auth is {auth!r}; there are 'rsa' and 'certificate'")
        self._control = control
        self._folder = folder
        self._server = dict(server)
        self._app = app
        self._more = dict(settings)
        self.username = username
        #: How it logs in: `rsa` or `certificate`.
        self.auth = auth

    def __repr__(self) -> str:
        return f"Bot({self.username!r}, auth={self.auth!r})"

    @property
    def certificate_path(self) -> Path:
        """A PEM file with the client certificate and its key."""
        return self._file(f"{self.username}-combined.pem")

    @property
    def private_key_path(self) -> Path:
        """A PEM file with the RSA key whose public half the pod has."""
        return self._file(f"{self.username}-rsa.pem")

    @property
    def trust_store_path(self) -> Path:
        """A PEM file with the authority of the pod's own certificate."""
        return self._file("ca.pem")

    def file(self, suffix: str) -> Path:
        """The bot's identity in another format: `.pem`, `.key`, `.p12` (its password is `changeit`), `-rsa.pub.pem`."""
        return self._file(self.username + suffix)

    @property
    def settings(self) -> Dict[str, Any]:
        """The configuration of the BDK as plain data."""
        settings: Dict[str, Any] = {
            **self._server,
            "bot": {"username": self.username, **self._login(self.username)},
            "ssl": {"trustStore": {"path": str(self.trust_store_path)}},
            "retry": dict(SHORT_RETRY),
            "datafeed": {"version": "v2", "retry": {**SHORT_RETRY, "maxAttempts": -1}},
        }
        if self._app is not None:
            settings["app"] = {"appId": self._app, **self._login(self._app)}
        return {**settings, **self._more}

    @property
    def config(self) -> Any:
        """A `BdkConfig` where symphony-bdk-python is installed, else the same as a dictionary."""
        try:
            from symphony.bdk.core.config.model.bdk_config import BdkConfig
        except ImportError:
            return self.settings
        return BdkConfig(**self.settings)

    @property
    def config_path(self) -> Path:
        """A file with the configuration, in JSON, which `BdkConfigLoader.load_from_file` reads."""
        path = self._folder / f"{self.username}-config.json"
        path.write_text(json.dumps(self.settings, indent=2))
        return path

    def _login(self, name: str) -> Dict[str, Any]:
        if self.auth == "rsa":
            return {"privateKey": {"path": str(self._file(f"{name}-rsa.pem"))}}
        return {"certificate": {"path": str(self._file(f"{name}-combined.pem"))}}

    def _file(self, name: str) -> Path:
        path = self._folder / name
        if not path.exists():
            content, _ = self._control.exchange("GET", f"/_mock/certs/{quote(name, safe='')}")
            self._folder.mkdir(parents=True, exist_ok=True)
            # The folder may be read by whoever shares the machine; the keys in it open nothing but this pod.
            path.write_bytes(content)
        return path
