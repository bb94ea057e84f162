#!/usr/bin/env python3
"""Has LaunchDarkly's own SDK say who gets a flag, from a file and without a network.

Reads {"users": N, "kind": …, "flags": {NAME: {"flag": an answer of the API, "environment": …}}} and writes
{NAME: [numbers of the users who get it]}. The users are contexts of the kind, with the keys u0, u1…
"""
import json
import sys
import tempfile

from ldclient import Config, Context, LDClient
from ldclient.integrations import Files


def rule(answered):
    spelled = {key: value for key, value in answered.items() if key != "_id"}
    return {**spelled, "id": answered["_id"]}


def configuration(flag, environment):
    """Spells a flag of the API as the SDKs are sent it."""
    there = flag["environments"][environment]
    same = ("on", "version", "salt", "fallthrough", "offVariation", "targets", "contextTargets", "prerequisites")
    spelled = {key: there[key] for key in same if key in there}
    values = [variation["value"] for variation in flag["variations"]]
    return {"key": flag["key"], **spelled, "rules": [rule(one) for one in there["rules"]], "variations": values}


def users(flag, contexts):
    """Returns the numbers of the contexts that get the flag. Its key is a part of the hash, so it is alone in its file."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"flags": {flag["key"]: flag}}, file)
        file.flush()
        source = Files.new_data_source(paths=[file.name])
        config = Config("key", update_processor_class=source, send_events=False, diagnostic_opt_out=True)
        with LDClient(config) as client:
            values = [client.variation(flag["key"], context, None) for context in contexts]
    return [number for number, value in enumerate(values) if value is True]


def main():
    asked = json.load(sys.stdin)
    contexts = [Context.create(f"u{number}", asked["kind"]) for number in range(asked["users"])]
    flags = {name: configuration(**one) for name, one in asked["flags"].items()}
    json.dump({name: users(flag, contexts) for name, flag in flags.items()}, sys.stdout)


main()
