"""Tries the API of a running service against its own description, as several people in turn.

Nothing may end in a 5xx, and no answer may have a status, a type, a header or a shape that the description does not
know. What is asked comes from the description: its examples, the edges of its schemas, and what is made up at random
from a fixed seed, mixed with what the demo's story offers (story.py).
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import story
from service import SYSTEM, Service

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
HOOKS = str(Path(__file__).resolve().with_name("hooks.py"))
# By their roles, in the story.
PEOPLE = {
    "nobody": None,
    "administrator": "gro",
    "unit_leader": "leif",
    "auditor": "ragna",
    "archivist": "arne",
    "professional": "helga",
    "baton_holder": "tora",
    "guardian": "siri",
}
# In this order, because a guardian can end the log. The others see and do the same, or less.
IN_TURN = ["nobody", "administrator", "unit_leader", "auditor", "archivist", "baton_holder", "guardian"]
# Who goes through the edges of every schema as well; it takes the most time, and others would see the same.
THOROUGH = {"administrator", "baton_holder"}
# What ends a log demands a version: this is tried apart, when the others are done, by those who may.
ENDING = ["baton_holder", "archivist"]
# How many cases the baton holder may open: each of them once.
CLEARANCES = 12


def toml(table: dict) -> str:
    """A table of tables; lists, texts and numbers of JSON are TOML too."""

    def written(value) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {written(inner)}" for key, inner in value.items()) + "}"
        return json.dumps(value)

    lines = []
    for name, entries in table.items():
        lines.append(f"[{name}]")
        lines += [f"{json.dumps(key)} = {written(entry)}" for key, entry in entries.items()]
    return "\n".join(lines) + "\n"


def attempt(service: Service, description: dict, who: str, given: dict, arguments: list[str]) -> bool:
    """One run of Schemathesis as one person; whether nothing was found."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        # A stream that goes on is looked at, and left.
        settings = f"max-stream-events = 1\nrequest-timeout = 40\nhooks = {json.dumps(HOOKS)}\n"
        Path(folder, "settings.toml").write_text(settings + toml(given))
        Path(folder, "openapi.json").write_text(json.dumps(description))
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", "settings.toml"]
        command += ["run", "openapi.json", "--url", f"{service.url}/v1"]
        command += ["--checks", ",".join(CHECKS), "--continue-on-failure", "--warnings", "off", "--no-color"]
        command += ["--generation-database", "none", *arguments]
        person = PEOPLE[who]
        if person:
            command += ["--header", f"Authorization: Bearer {service.token(person)}"]
        ran = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
    summary = [line.strip() for line in ran.stdout.splitlines() if " generated" in line]
    took = time.monotonic() - begun
    print(f"{who}: {'nothing found' if ran.returncode == 0 else 'FAILED'}, {' '.join(summary)}, {took:.0f} s", flush=True)
    if ran.returncode != 0:
        print(ran.stdout, ran.stderr, sep="\n", flush=True)
    return ran.returncode == 0


def demands_a_version(operation: dict) -> bool:
    return any(
        parameter["name"] == "If-Match" and parameter.get("required") for parameter in operation.get("parameters", [])
    )


def cleared(service: Service) -> str:
    """A case that the baton holder may open."""
    unit = service.story["organisations"][story.UNIT]
    holder = service.story["accounts"][PEOPLE["baton_holder"]]
    return service.clear(PEOPLE["unit_leader"], {"profile": SYSTEM, "unit": unit, "account": holder})


def try_all(service: Service, options) -> bool:
    """Everybody in turn."""
    holder = service.token(PEOPLE["baton_holder"])
    description = service.get("/v1/openapi.json")
    service.story["clearances"] = [cleared(service) for _ in range(CLEARANCES)]
    given = story.dictionaries(description, service.story, service.rule_book(holder))
    common = ["--seed", str(options.seed), "--max-examples", str(options.examples)]
    for operation in options.operation:
        common += ["--include-operation-id", operation]
    story.inline_parameters(description)
    story.take_real_ids(description, service.story)
    people = options.people or IN_TURN
    good = True
    for who in people:
        phases = "examples,coverage,fuzzing" if who in THOROUGH or options.people else "examples,fuzzing"
        good &= attempt(service, description, who, given, [*common, "--phases", phases])
    operations = [operation for item in description["paths"].values() for operation in item.values()]
    endings = [operation["operationId"] for operation in operations if demands_a_version(operation)]
    if options.people or options.operation or not endings:
        return good
    log = service.story["played"]["logs"][story.LOG]["case"]
    for operation in endings:
        common += ["--include-operation-id", operation]
    for who in ENDING:
        version = service.get(f"/v1/cases/{log}", holder)["version"]
        given["parameters"]["header.If-Match"] = f'"{version}"'
        good &= attempt(service, description, who, given, [*common, "--phases", "examples,coverage,fuzzing"])
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the program caseledger")
    parser.add_argument("--as", dest="people", action="append", choices=PEOPLE, help="as this person only")
    parser.add_argument("--operation", action="append", default=[], help="this operation only, by its operationId")
    parser.add_argument("--examples", type=int, default=5, help="made-up requests to an operation, a person")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # So that the service is stopped then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with Service(os.path.abspath(options.binary)) as service:
        good = try_all(service, options)
        errors = service.errors()
        if errors:
            print("the service has logged errors:", *errors[:20], sep="\n")
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
