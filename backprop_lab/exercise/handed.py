"""What was handed in: a folder of files (`hand_in`), read and counted.

    python -m backprop_lab.exercise.handed FOLDER

prints who has begun and solved how much, and which slip was met how often. Files come from
outside: they are read as JSON and nothing else, and a damaged one is named and passed over.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

FORMAT, VERSION = "backprop_lab handed in", 1
MOST = 20_000_000
"""A file of more bytes is not read."""
WIDEST = 100
"""Of a text, so many characters are printed."""


class Answer(NamedTuple):
    """One judged answer: in which exercise and where, what was typed, whether it was right, and
    what was said to it."""

    exercise: str
    at: str
    typed: str
    right: bool
    said: str


class Handed(NamedTuple):
    """What one person handed in: the exercises that were begun, and all answers judged in them, the
    wrong ones on the way, too."""

    name: str
    begun: frozenset[tuple[str, str]]
    answers: tuple[Answer, ...]

    @property
    def right(self) -> int:
        """How many questions were answered right at last."""
        return len({(one.exercise, one.at) for one in self.answers if one.right})

    @property
    def slips(self) -> list[Answer]:
        """The wrong answers."""
        return [one for one in self.answers if not one.right]


def read(text: str) -> Handed:
    """What a file says. Raises ValueError for a text that is none of `hand_in`'s."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is cut or damaged") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("it was not handed in by this package")
    if found.get("version") != VERSION:
        raise ValueError(f"it is of version {found.get('version')!r}; expected {VERSION}")
    try:
        return Handed(_text(found["name"]), *_all(found["notebooks"]))
    except (KeyError, TypeError, AttributeError):
        raise ValueError("it is damaged") from None


def _all(notebooks) -> tuple[frozenset, tuple]:
    begun, answers = set(), []
    for notebook, exercises in notebooks.items():
        for name, entry in exercises.items():
            begun.add((notebook, name))
            title = f"{notebook} {name}: {_text(entry['exercise'])}"
            for one in entry["met"]:
                told = [_text(one[part]) for part in ("at", "typed", "said")]
                answers.append(Answer(title, *told[:2], one["right"] is True, told[2]))
    return frozenset(begun), tuple(answers)


def _text(value) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def printable(text: str, most: int = WIDEST) -> str:
    """A text on one line, without what a terminal would obey, cut where it is long."""
    plain = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text)
    short = " ".join(plain.split())
    return short if len(short) <= most else f"{short[: most - 1]}…"


def read_folder(folder: Path) -> tuple[list[Handed], list[str]]:
    """All that was handed in, by name, and a line for each file that could not be read. Raises
    OSError for a folder that cannot be."""
    found, left = [], []
    for path in sorted(folder.iterdir()):
        if path.suffix != ".json" or not path.is_file():
            continue
        try:
            if path.stat().st_size > MOST:
                raise ValueError(f"it has more than {MOST} bytes")
            found.append(read(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            why = "it is no text" if isinstance(error, UnicodeDecodeError) else str(error)
            left.append(f"{printable(path.name)}: {printable(why)}")
    return sorted(found, key=lambda one: one.name), left


def report(found: Sequence[Handed], left: Sequence[str]) -> Iterator[str]:
    """The lines that are printed."""
    rows = [(one.name, str(len(one.begun)), str(one.right), str(len(one.slips))) for one in found]
    yield from _table(("name", "exercises begun", "answers right", "slips"), rows)
    times = Counter(slip.said for one in found for slip in one.slips)
    people = Counter(said for one in found for said in {slip.said for slip in one.slips})
    if times:
        yield ""
        told = sorted(times, key=lambda said: (-people[said], -times[said], said))
        rows = [(said, str(times[said]), str(people[said])) for said in told]
        yield from _table(("what was said to a slip", "times", "people"), rows)
    if left:
        yield ""
        yield from (f"not read: {line}" for line in left)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows under their heads, the first column to the left."""
    cells = [heads, *[[printable(one) for one in row] for row in rows]]
    first, *rest = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for name, *numbers in cells:
        ends = [number.rjust(width) for number, width in zip(numbers, rest, strict=True)]
        yield "  ".join([name.ljust(first), *ends])


def main(arguments: Sequence[str]) -> int:
    """Print the report on a folder; 1 if it cannot be read, 2 if none is named."""
    if len(arguments) != 1:
        sys.stderr.write("python -m backprop_lab.exercise.handed FOLDER\n")
        return 2
    try:
        found, left = read_folder(Path(arguments[0]))
    except OSError as error:
        sys.stderr.write(f"{arguments[0]}: {error.strerror}\n")
        return 1
    sys.stdout.reconfigure(errors="replace")  # a terminal may not know a letter
    sys.stdout.writelines(f"{line}\n" for line in report(found, left))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
