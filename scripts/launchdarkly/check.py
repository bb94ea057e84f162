#!/usr/bin/env python3
"""Holds documents against LaunchDarkly's own generated models: strict types, required fields, known words.

Reads lines of {"kind": …, "document": …} and writes one line for each that is wrong; ends with 1 if one is.
A field that the model does not know is wrong too: it would be read by nobody.
"""
import json
import sys

from launchdarkly_api.models.audit_log_entry_listing_rep_collection import AuditLogEntryListingRepCollection
from launchdarkly_api.models.feature_flag import FeatureFlag
from launchdarkly_api.models.feature_flag_body import FeatureFlagBody
from launchdarkly_api.models.feature_flags import FeatureFlags
from launchdarkly_api.models.flag_sempatch import FlagSempatch
from launchdarkly_api.models.forbidden_error_rep import ForbiddenErrorRep
from launchdarkly_api.models.invalid_request_error_rep import InvalidRequestErrorRep
from launchdarkly_api.models.method_not_allowed_error_rep import MethodNotAllowedErrorRep
from launchdarkly_api.models.not_found_error_rep import NotFoundErrorRep
from launchdarkly_api.models.patch_with_comment import PatchWithComment
from launchdarkly_api.models.rate_limited_error_rep import RateLimitedErrorRep
from launchdarkly_api.models.status_conflict_error_rep import StatusConflictErrorRep
from launchdarkly_api.models.unauthorized_error_rep import UnauthorizedErrorRep

MODELS = {
    "flag": FeatureFlag,
    "flags": FeatureFlags,
    "log": AuditLogEntryListingRepCollection,
    "new flag": FeatureFlagBody,
    "semantic patch": FlagSempatch,
    "patch": PatchWithComment,
    "error 400": InvalidRequestErrorRep,
    "error 401": UnauthorizedErrorRep,
    "error 403": ForbiddenErrorRep,
    "error 404": NotFoundErrorRep,
    "error 405": MethodNotAllowedErrorRep,
    "error 409": StatusConflictErrorRep,
    "error 429": RateLimitedErrorRep,
}

# The model leaves it out, and the description of the endpoint needs it.
BESIDE = {"semantic patch": {"environmentKey"}}


def lost(before, after, path=""):
    """Names what of a document the model did not take over."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key not in after:
                if value is not None:
                    yield f"{path}/{key}"
            else:
                yield from lost(value, after[key], f"{path}/{key}")
    elif isinstance(before, list) and isinstance(after, list):
        for index, (one, two) in enumerate(zip(before, after)):
            yield from lost(one, two, f"{path}/{index}")
    elif before != after:
        yield path


def main():
    wrong = 0
    for number, line in enumerate(sys.stdin, 1):
        said = json.loads(line)
        kind, document = said["kind"], said["document"]
        try:
            model = MODELS[kind].from_dict(document)
            known = {key: value for key, value in document.items() if key not in BESIDE.get(kind, ())}
            problems = [f"no model knows {path}" for path in lost(known, json.loads(model.to_json()))]
        except Exception as error:  # whatever the model says is what is told
            problems = [str(error)]
        for problem in problems:
            wrong = 1
            print(f"{number} {kind}: {problem}")
    return wrong


sys.exit(main())
