"""What the demo's story offers for the parameters and fields of the API, so that what is tried also succeeds: ids of
the log in use, words of the rule book. Found by the names in the description; a new field needs nothing here if it is
named as the story or the rule book names its kind."""

import re

# Whose log is used, in the story.
LOG = "kari"
# The unit that keeps it; named first where an organisation is needed.
UNIT = "solbakken"
# The same things under other names.
OTHER_NAMES = {"by": "party", "unit": "organisation", "parent": "organisation", "service": "organisation"}
# How often one of these is taken rather than something made up.
OFTEN = 0.9
PART_OF_NAME = re.compile(r"[A-Z]?[a-z]+")
AN_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def leaves(value) -> list[str]:
    """The texts somewhere in a value."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in leaves(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in leaves(inner)]
    return [value] if isinstance(value, str) else []


def ids(state: dict) -> dict[str, list[str]]:
    """The ids of the story by what they name, in the plural; under "" all of them."""
    log = dict(state["played"]["logs"][LOG])
    unit = state["organisations"][UNIT]
    others = [id for id in leaves(state["organisations"]) if id != unit]
    found = {"accounts": leaves(state["accounts"]), "organisations": [unit, *others]}
    found["cases"] = [log.pop("case")]
    found["clearances"] = state["clearances"]
    found |= {name: leaves(value) for name, value in log.items()}
    return found | {"": [id for kind in found.values() for id in kind]}


def words(rule_book: dict) -> dict[str, list[str]]:
    """The words of a rule book by the table that they stand in; under "" all of them."""
    found: dict[str, list[str]] = {}
    for name, table in rule_book.items():
        if isinstance(table, dict):
            inner = [word for entry in table.values() if isinstance(entry, dict) for word in entry]
            found[name] = [*table, *(inner if name == "reasons" else [])]
        elif isinstance(table, list):
            found[name] = [entry["kind"] for entry in table if "kind" in entry]
    found = {name: entries for name, entries in found.items() if entries}
    return found | {"": sorted({word for kind in found.values() for word in kind})}


def kind_of(name: str, kinds: dict[str, list[str]]) -> str:
    """Under which kind to look for a field of this name: `openerRole` under roles, `partyId` under parties."""
    parts = [part.lower() for part in PART_OF_NAME.findall(name)]
    for part in reversed(parts):
        for singular in (part, part.removesuffix("s")):
            candidate = plural(OTHER_NAMES.get(singular, singular))
            if candidate in kinds:
                return candidate
    return ""


def dictionaries(description: dict, state: dict, rule_book: dict) -> dict:
    """Schemathesis' `dictionaries` and `parameters`."""
    sources = {"Id": ("id", ids(state)), "CodeWord": ("word", words(rule_book))}
    made: dict[str, dict] = {"profiles": {"values": [system(rule_book)]}}
    bound: dict[str, dict] = {}
    fixed: dict[str, str] = {}

    def bind(place: str, name: str, schema_name: str):
        if schema_name == "Id" and place.startswith("path."):
            # Always: an id that is not there ends the same for every operation.
            kinds = sources["Id"][1]
            fixed[place] = kinds[kind_of(name, kinds)][0]
        elif schema_name == "ProfileName":
            bound[place] = {"dictionary": "profiles", "probability": OFTEN}
        elif schema_name in sources:
            prefix, kinds = sources[schema_name]
            kind = kind_of(name, kinds)
            dictionary = f"{prefix}-{kind or 'any'}"
            made[dictionary] = {"values": kinds[kind]}
            bound[place] = {"dictionary": dictionary, "probability": OFTEN}

    def walk(place: str, name: str, schema: dict):
        reference = schema.get("$ref", "").removeprefix("#/components/schemas/")
        if reference:
            bind(place, name, reference)
            schema = description["components"]["schemas"][reference]
        for inner in [*schema.get("oneOf", []), *schema.get("allOf", [])]:
            walk(place, name, inner)
        for key, inner in schema.get("properties", {}).items():
            walk(f"{place}.{key}", key, inner)
        if "items" in schema:
            walk(f"{place}[*]", name, schema["items"])

    for item in description["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                walk(f"{parameter['in']}.{parameter['name']}", parameter["name"], parameter["schema"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                walk("body", "", content["schema"])
    return {"dictionaries": made, "parameters": bound | fixed}


def take_real_ids(description: dict, state: dict):
    """Puts ids of the story into the examples of bodies."""
    kinds = ids(state)

    def real(name: str, example):
        if isinstance(example, dict):
            return {key: real(key, inner) for key, inner in example.items()}
        if isinstance(example, list):
            return [real(name, inner) for inner in example]
        is_id = isinstance(example, str) and AN_ID.fullmatch(example)
        return kinds[kind_of(name, kinds)][0] if is_id else example

    for item in description["paths"].values():
        for operation in item.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["example"] = real("", content["example"])


def inline_parameters(description: dict):
    """Writes out what the schemas of parameters refer to: Schemathesis takes no dictionary for a reference there."""
    for item in description["paths"].values():
        for operation in item.values():
            parameters = operation.get("parameters", [])
            # A version that need not be given is left out: made up, it would end what could succeed.
            parameters[:] = [each for each in parameters if each["name"] != "If-Match" or each.get("required")]
            for parameter in parameters:
                parameter["schema"] = inlined(description, parameter["schema"])


def inlined(description: dict, schema: dict) -> dict:
    """A schema with what it refers to written out."""
    reference = schema.get("$ref", "").removeprefix("#/components/schemas/")
    if reference:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return inlined(description, description["components"]["schemas"][reference] | beside)
    if "oneOf" in schema:
        return schema | {"oneOf": [inlined(description, inner) for inner in schema["oneOf"]]}
    return schema


def system(rule_book: dict) -> str:
    """The name of the system whose rule book it is."""
    return rule_book["id"]
