"""Reads exports of the log with software that is not ours, and says what it found.

    formats.py FOLDER

In the folder lie `<system>.<format>` files. Prints one JSON object: by system, how many records of which kind there are.
Ends with an error where a file is not what its standard says."""

import csv
import json
import pathlib
import re
import sys
from datetime import datetime

from fhir.resources.R4B.auditevent import AuditEvent
from pyld import jsonld

DPV = "https://w3id.org/dpv#"


def no_network(url, _options):
    raise AssertionError(f"{url} would be fetched")


def terms_of_dpv(folder):
    listed = (folder / "dpv-terms.txt").read_text().split("\n")
    return {line for line in listed if line and not line.startswith("#")}


def audit_events(path):
    found = {}
    ids = set()
    for line in path.read_text().splitlines():
        event = AuditEvent.model_validate_json(line)
        # What the parser has understood is what was written.
        assert json.loads(event.model_dump_json())["id"] == json.loads(line)["id"]
        assert event.id not in ids, event.id
        ids.add(event.id)
        assert any(agent.requestor for agent in event.agent), line
        assert event.source.observer.identifier.value, line
        patients = [one for one in event.entity if one.what.type == "Patient"]
        assert len(patients) == 1, line
        assert not patients[0].what.reference, "a logical reference"
        kind = f"{event.type.code} {event.outcome}"
        found[kind] = found.get(kind, 0) + 1
    return found


def nen7513(table, objects):
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    actions = json.loads(objects.read_text())
    found = {}
    for row in rows:
        assert None not in row and None not in row.values(), row
        datetime.fromisoformat(row["eventDateTime"])
        assert row["eventActionCode"] in "CRUDE", row
        assert row["userID"] and row["participantObjectID"], row
        found[row["eventID"]] = found.get(row["eventID"], 0) + 1
    by_position = {row["ledgerPosition"]: row for row in rows}
    assert len(by_position) == len(rows)
    for action in actions:
        row = by_position.get(str(action["ledgerPosition"]))
        # The export of the other form is in the later one.
        if row is None:
            assert action["eventTypeCode"] == "log_exported", action
            continue
        assert row["eventTypeCode"] == action["eventTypeCode"]
        assert row["userName"] == action["users"][0]["userName"]
        assert row["roleIDCode"] == action["users"][0]["roleIDCode"]
        assert row["autorisatieProtocol"] == action["autorisatieProtocol"]
    return found


def ldv(path):
    found = {}
    spans = set()
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        assert re.fullmatch("[0-9a-f]{32}", entry["trace_id"]), line
        assert re.fullmatch("[0-9a-f]{16}", entry["span_id"]), line
        assert entry["span_id"] not in spans, line
        spans.add(entry["span_id"])
        assert entry["status_code"] in ("STATUS_CODE_OK", "STATUS_CODE_UNSET"), line
        begin, end = (datetime.fromisoformat(entry[name]) for name in ("start_time", "end_time"))
        assert begin <= end
        attributes = entry["attributes"]
        assert "://" in attributes["dpl.core.processing_activity_id"], line
        assert attributes["dpl.core.data_subject_id"], line
        kind = attributes["dpl.core.data_subject_id_type"].rsplit("/")[-1]
        found[kind] = found.get(kind, 0) + 1
        found["activity"] = attributes["dpl.core.processing_activity_id"]
    return found


def iris(node):
    """Every key, type and id of an expanded document."""
    if isinstance(node, list):
        for item in node:
            yield from iris(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "@type":
                yield from value if isinstance(value, list) else [value]
            elif key == "@id":
                yield value
            elif key not in ("@value", "@language"):
                yield key
                yield from iris(value)


def consent_records(path, terms):
    document = json.loads(path.read_text())
    expanded = jsonld.expand(document, {"documentLoader": no_network})
    # Nothing was dropped because the context does not know it.
    assert len(expanded) == len(document["@graph"]), path
    found = {}
    for record in expanded:
        assert record["@type"] == [DPV + "ConsentRecord"], record
        for name in ("hasDataSubject", "hasDataController", "hasPurpose", "hasNotice", "hasConsentStatus",
                     "hasPersonalData", "hasStorageCondition"):
            assert record[DPV + name], (name, record)
        events = record["http://purl.org/dc/terms/hasPart"]
        assert events, record
        for iri in iris(record):
            assert ":" in iri, iri
            if iri.startswith(DPV):
                assert iri.removeprefix(DPV) in terms, iri
        status = record[DPV + "hasConsentStatus"][0]["@id"].removeprefix(DPV)
        assert status in {event["@type"][0].removeprefix(DPV) for event in events}
        found[status] = found.get(status, 0) + 1
    compact = jsonld.compact(expanded, document["@context"], {"documentLoader": no_network})
    graph = compact.get("@graph", [compact] if "@id" in compact else [])
    assert len(graph) == len(document["@graph"])
    return found


def main():
    folder = pathlib.Path(sys.argv[1])
    terms = terms_of_dpv(pathlib.Path(__file__).parent)
    systems = sorted({path.name.split(".")[0] for path in folder.iterdir()})
    answer = {}
    for system in systems:
        of = lambda name: folder / f"{system}.{name}"
        answer[system] = {
            "audit-event": audit_events(of("audit-event")),
            "nen7513": nen7513(of("nen7513-csv"), of("nen7513-json")),
            "ldv": ldv(of("ldv")),
            "consent-records": consent_records(of("consent-records"), terms),
        }
    print(json.dumps(answer))


main()
