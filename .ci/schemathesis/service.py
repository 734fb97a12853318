"""The demo's service on a free port of this machine, with data of its own that are gone afterwards."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import urllib.error
import urllib.request
import uuid
from pathlib import Path

# Whose story and rule book are used, of those that the demo knows.
SYSTEM = "stafettloggen-kvam"

# A real mail server, that of the tests: where one is configured, sending is answered like anything else.
MAIL_SERVER = Path(__file__).parent.parent.parent / "server/tests/integration/support/smtp.py"

START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 30


class Service:
    """Runs while the `with` block does, however that ends."""

    def __init__(self, binary: str):
        self._binary = binary

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="caseledger-api-")
        self.data_dir = Path(self._folder.name, "data")
        self.data_dir.mkdir()
        # Postgres runs as somebody else where this runs as root.
        Path(self._folder.name).chmod(0o755)
        self._log = Path(self._folder.name, "log")
        settings = ["listen=127.0.0.1:0", "requests_per_second_max=1000000",
                    "address_requests_per_second_max=1000000", "failed_sign_ins_per_minute_max=1000000", "log_level=warn",
                    "smtp_from=caseledger@service.example"]
        # Neither another database nor settings of the developer's own.
        environment = {
            name: value
            for name, value in os.environ.items()
            if name != "DATABASE_URL" and not name.startswith("CASELEDGER_")
        } | {"NO_COLOR": "1", "CASELEDGER_SMTP_URL": f"smtp://127.0.0.1:{self._start_mail_server()}"}
        command = [self._binary, "--data-dir", str(self.data_dir)]
        command += [part for setting in settings for part in ("--set", setting)]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*command, "demo"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
        try:
            self.url = self._wait_until_ready()
        except BaseException:
            self._stop()
            raise
        self.story = json.loads(Path(self.data_dir, "demo.json").read_text())["stages"][SYSTEM]
        return self

    def __exit__(self, *_):
        self._stop()

    def _start_mail_server(self) -> int:
        """Gives its port. It ends when its standard input does: with this process at the latest."""
        self._mail = subprocess.Popen(
            [sys.executable, str(MAIL_SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        port = int(self._mail.stdout.readline())
        # It tells of each message; nobody listens.
        threading.Thread(target=self._mail.stdout.read, daemon=True).start()
        return port

    def _stop(self):
        try:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._mail.stdin.close()
            self._mail.wait(STOP_SECONDS_MAX)
            self._folder.cleanup()

    def _wait_until_ready(self) -> str:
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise SystemExit(f"the service has ended:\n{self._log.read_text()}")
            says = re.search(r"The API answers at (http://[^ ]+) ", self._log.read_text())
            if says:
                url = says[1]
                try:
                    urllib.request.urlopen(f"{url}/readyz", timeout=5).close()
                    return url
                except (urllib.error.URLError, OSError):
                    pass
            time.sleep(0.1)
        raise SystemExit(f"the service was not ready in {START_SECONDS_MAX} s:\n{self._log.read_text()}")

    def errors(self) -> list[str]:
        """What the service has logged as an error."""
        return [line for line in self._log.read_text().splitlines() if " ERROR " in line]

    def get(self, path: str, token: str | None = None):
        """The JSON at a path."""
        request = urllib.request.Request(f"{self.url}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def clear(self, leader: str, body: dict) -> str:
        """The id of a case that somebody may open, because a leader of the story has cleared it."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        headers["Authorization"] = f"Bearer {self.token(leader)}"
        request = urllib.request.Request(f"{self.url}/v1/clearances", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["caseId"]

    def token(self, person: str) -> str:
        """A development token for a person of the story."""
        body = json.dumps({"accountId": self.story["accounts"][person]}).encode()
        request = urllib.request.Request(f"{self.url}/v1/dev/tokens", body)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["accessToken"]

    def rule_book(self, token: str) -> dict:
        """The rule book in force, as its author wrote it."""
        return tomllib.loads(self.get(f"/v1/profiles/{SYSTEM}", token)["profileToml"])
