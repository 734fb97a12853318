"""Reads CloudEvents from standard input, one a line, by the CloudEvents project's own package, and prints of each what
that has understood."""

import json
import sys

from cloudevents.core.formats.json import JSONFormat

for line in sys.stdin:
    event = JSONFormat().read(None, line)
    attributes = event.get_attributes()
    print(json.dumps({"attributes": {name: str(value) for name, value in attributes.items()}, "data": event.get_data()}))
