"""Execute notebooks and store them.

    python -m tests.confirm [notebook ...]        (default: all of notebooks/)

Each is run twice, here and as if on another processor; what differs is not stored.
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import store
from .settings import other, said
from .strict import differences


def run(path: Path) -> bool:
    """Run a notebook and store it; whether that changed the file. Raises Refused."""
    nb = store.read(path)
    executed = store.execute(nb, path)
    elsewhere = store.execute(nb, path, setting=other())
    found = differences(*map(store.canonical, (executed, elsewhere)))
    if found:
        unlike = f"not the same under {said(other())}\n"
        raise store.Refused(path, {place: unlike + text for place, text in found.items()}, executed)
    return store.write(executed, path)


def main(arguments: list[str]) -> int:
    """Store the notebooks named, by default all; the number of those refused."""
    refused = 0
    for path in [Path(name) for name in arguments] or sorted(store.NOTEBOOKS.glob("*.ipynb")):
        try:
            changed = run(path)
        except store.Refused as refusal:
            refused += 1
            print(refusal, file=sys.stderr)
        else:
            print(f"{path.name}: {'updated' if changed else 'unchanged'}")
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
