"""What each lecture says: one file a lecture, literals and nothing else.

NOTATION is the name of its notation. All else may be left out: LETTERS, if the notation is its own,
by role of a layer and kind of quantity (`formulas.notation`); LAYOUT and FORMULAS, if its pass
stands in `lectures.conventions`; CREDIT and EXAMPLE, what `lectures.Lecture` takes, with the layers
as (W, b, activation); PRINTED, its numbers in order: plain name, as printed, the line that computes
it in plain names (`lectures.lines`), row in the ledger.
"""

from importlib import import_module
from pkgutil import iter_modules

SAID = tuple(
    import_module(f"{__name__}.{name}")
    for name in sorted(
        (found.name for found in iter_modules(__path__)), key=lambda n: (n != "lmu", n)
    )
)
"""The lectures: LMU, whose notation is the default, then by name."""
