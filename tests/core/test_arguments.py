"""What comes in is refused by the name of its argument."""

import re

import pytest

from backprop_lab.core.arguments import as_integer, as_positive, as_widths, named

TABLE = {"zeros": 0, "normal": 1}


@pytest.mark.parametrize(
    ("takes", "error", "said"),
    [
        (lambda: as_integer(1.5, "batch", 1), TypeError, "batch: got 1.5; expected a whole number"),
        (lambda: as_integer(True, "batch", 1), TypeError, "batch: got True; expected a whole"),
        (lambda: as_integer(0, "batch", 1), ValueError, "batch: got 0; expected at least 1"),
        (lambda: as_positive(-1, "h"), ValueError, "h: got -1; expected one positive number"),
        (lambda: as_positive([1.0], "h"), ValueError, "h: got [1.0]; expected one positive number"),
        (lambda: as_widths("22"), TypeError, "widths: got '22'; expected a list of whole numbers"),
        (lambda: as_widths(2), TypeError, "widths: got 2; expected a list of whole numbers"),
        (lambda: as_widths([2]), ValueError, "widths: got [2]; expected the inputs and at least"),
        (lambda: as_widths([2, 0]), ValueError, "widths[1]: got 0; expected at least 1"),
        (lambda: as_widths([2, 1, "1"]), TypeError, "widths[2]: got '1'; expected a whole number"),
        (
            lambda: named(TABLE, 3, "init"),
            TypeError,
            "init: got 3; expected a name, one of zeros, ",
        ),
        (lambda: named(TABLE, "he", "init"), ValueError, "init: got 'he'; expected one of zeros, "),
    ],
)
def test_names(takes, error, said):
    with pytest.raises(error, match="^" + re.escape(said)):
        takes()


def test_what_fits_comes_back():
    assert (as_integer(1, "batch", 1), as_positive(1, "h")) == (1, 1.0)
    assert (as_widths((2, 1)), named(TABLE, "normal", "init")) == ([2, 1], 1)
