"""A second consumer: written from docs/codegen.md alone, held to `flagctl codegen json-vectors` in a file."""

import json
import sys

MASK = 0xFFFFFFFF


def rotated(number, by):
    return ((number << by) | (number >> (32 - by))) & MASK


def scrambled(block):
    return rotated(block * 0xCC9E2D51 & MASK, 15) * 0x1B873593 & MASK


def murmur3(data):
    digest = 0
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        digest ^= scrambled(int.from_bytes(data[at : at + 4], "little"))
        digest = (rotated(digest, 13) * 5 + 0xE6546B64) & MASK
    digest ^= scrambled(int.from_bytes(data[whole:], "little"))
    digest ^= len(data)
    digest = (digest ^ digest >> 16) * 0x85EBCA6B & MASK
    digest = (digest ^ digest >> 13) * 0xC2B2AE35 & MASK
    return digest ^ digest >> 16


def bucket(salt, user):
    return murmur3(f"{salt}:{user}".encode()) * 100_000 >> 32


def is_on(exposure, salt, user):
    thousandths = round(exposure * 1000)
    if thousandths in (0, 100_000):
        return thousandths > 0
    return user != "" and bucket(salt, user) < thousandths


with open(sys.argv[1], encoding="utf-8") as file:
    answer = json.load(file)
flags = {flag["name"]: flag for flag in answer["flags"]}
for vector in answer["vectors"]:
    flag, user = flags[vector["flag"]], vector["user"]
    assert murmur3(f"{flag['salt']}:{user}".encode()) == vector["hash"], vector
    assert bucket(flag["salt"], user) == vector["bucket"], vector
    for exposure, expected in vector["in_at"].items():
        assert is_on(float(exposure), flag["salt"], user) == expected, (exposure, vector)
    if flag["exposure"] is not None:
        assert is_on(flag["exposure"], flag["salt"], user) == vector["on"], vector
print(len(answer["vectors"]))
