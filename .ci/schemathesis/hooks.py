"""Read by Schemathesis. A key that was used before would end every command that is tried after the first."""

import uuid

import schemathesis

NAME = "Idempotency-Key"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives each request that has a key as described one of its own."""
    key = (case.headers or {}).get(NAME)
    if isinstance(key, str) and len(key) > 1:
        case.headers[NAME] = str(uuid.uuid4())
