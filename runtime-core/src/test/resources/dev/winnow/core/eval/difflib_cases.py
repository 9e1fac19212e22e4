"""Writes difflib_cases.json: pairs of texts and what Python's difflib says of them. Run: python3 difflib_cases.py"""

import difflib
import json
import random

random.seed(20240607)
ALPHABETS = ["ab", "abc ", "abcdefghijklmnopqrstuvwxyz ", "aé漢😀", "the quick brown fox jumps over a lazy dog "]


def text(alphabet, length):
    return "".join(random.choice(alphabet) for _ in range(length))


def edited(source, alphabet):
    characters = list(source)
    for _ in range(random.randrange(1, 8)):
        at = random.randrange(len(characters) + 1)
        kind = random.randrange(3)
        if kind == 0:
            characters[at:at] = text(alphabet, random.randrange(1, 12))
        elif kind == 1:
            del characters[at : at + random.randrange(1, 12)]
        else:
            other = random.randrange(len(characters) + 1)
            characters[at:at], characters[other : other + 9] = characters[other : other + 9], []
    return "".join(characters)


def case(a, b):
    matcher = difflib.SequenceMatcher(None, a, b)
    return {"a": a, "b": b, "ratio": matcher.ratio(), "blocks": [list(block) for block in matcher.get_matching_blocks()]}


cases = [case("", ""), case("", "a"), case("a", ""), case("same", "same")]
for length in [3, 10, 40, 150, 199, 200, 201, 400, 900]:
    for alphabet in ALPHABETS:
        for _ in range(3):
            a = text(alphabet, random.randrange(length // 2, length + 1))
            cases.append(case(a, text(alphabet, length)))
            cases.append(case(a, edited(a, alphabet)))
            b = edited(text(alphabet, length), alphabet)
            cases.append(case(edited(b, alphabet), b))

sequences = []
for length in [5, 50, 250]:
    for vocabulary in [3, 40, 50000]:
        a = [random.randrange(vocabulary) for _ in range(length)]
        b = list(a)
        for _ in range(length // 5):
            b[random.randrange(length)] = random.randrange(vocabulary)
        sequences.append({"a": a, "b": b, "ratio": difflib.SequenceMatcher(None, a, b).ratio()})

with open("difflib_cases.json", "w", encoding="utf-8") as file:
    json.dump({"texts": cases, "sequences": sequences}, file, ensure_ascii=False, separators=(",", ":"))
