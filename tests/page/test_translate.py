"""What the translation refuses, and how: with the line. What it makes of the rest is run in a
browser, tests/browser/test_translate.py."""

import math
import re
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

from backprop_lab.core.network import backward_pass, forward_pass
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.translate import Untranslatable, common, javascript, translated

STRANGER = object()


def tries(x):
    try:
        return x
    finally:
        pass


def deletes(x):
    del x


def raises(x):
    raise KeyError(x)


def nested(x):
    def inner(y=1):
        return x + y

    return inner()


def takes(first, *others, last=0, **named):
    return first, others, last, named


def unclear(x):
    return takes(*x)


def given_twice(x):
    return takes(x, first=x)


def takes_the_last(x):
    *first, last = x
    return first, last


def of_a_type(x):
    return dict.fromkeys(x)


def just_a_method(x):
    return x.get


def set_of(x):
    return {x}


def else_of_a_loop(n):
    for _ in range(n):
        pass
    else:
        return 1
    return 0


def sets_attributes(x):
    x.y = 1


def unknown_function(x):
    return math.gamma(x)


def unknown_thing(x):
    return (x, STRANGER)


def unknown_keyword(x):
    return x.sum(where=x > 0)


def unknown_conversion(x):
    return f"{x!r}"


def unknown_format(x):
    return f"{x:.1e}"


two = [lambda x: x + 1, lambda x: x - 1]


def unknown_name(x):
    return x + nowhere  # noqa: F821


def asks_for_an_unknown_method(x):
    return x.endswith("a")


def calls_one_that_is_refused(x):
    return deletes(x)


@pytest.mark.parametrize(
    ("function", "line", "why"),
    [
        (tries, "try:", "a page knows no Try"),
        (deletes, "del x", "a page knows no Delete"),
        (raises, "raise KeyError(x)", "a page knows no Raise"),
        (nested, "def inner(y=1):", "a page knows no FunctionDef"),
        (unclear, "return takes(*x)", "a page cannot tell which argument is which"),
        (given_twice, "return takes(x, first=x)", "a page cannot tell which argument is which"),
        (takes_the_last, "*first, last = x", "a page assigns to no such place"),
        (of_a_type, "return dict.fromkeys(x)", "a page knows no methods of types"),
        (just_a_method, "return x.get", "a page only calls methods"),
        (set_of, "return {x}", "a page knows no Set"),
        (else_of_a_loop, "for _ in range(n):", "a page knows no For"),
        (sets_attributes, "x.y = 1", "a page assigns to no such place"),
        (unknown_function, "return math.gamma(x)", "builtin_function_or_method but those in"),
        (unknown_thing, "return (x, STRANGER)", "a page knows no object"),
        (unknown_keyword, "return x.sum(where=x > 0)", "a page knows no argument where here"),
        (unknown_conversion, 'return f"{x!r}"', "a page knows no such format"),
        (unknown_format, 'return f"{x:.1e}"', "a page knows no format .1e"),
        (unknown_name, "return x + nowhere  # noqa: F821", "unknown: nowhere"),
        (two[1], "two = [lambda x: x + 1, lambda x: x - 1]", "a page knows one lambda a line"),
        (asks_for_an_unknown_method, 'return x.endswith("a")', "knows no method endswith"),
        (calls_one_that_is_refused, "del x", "a page knows no Delete"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_outside_of_the_subset_is_refused_with_its_line(function, line, why):
    with pytest.raises(Untranslatable) as refused:
        javascript(found=function)
    assert str(refused.value).endswith(f": {line}")
    assert why in str(refused.value)
    assert f"{__name__}." in str(refused.value)
    number = int(str(refused.value).split(", line ")[1].split(":")[0])
    with open(__file__, encoding="utf-8") as source:
        assert source.readlines()[number - 1].strip() == line


def test_a_value_that_a_page_does_not_know_is_refused():
    with pytest.raises(Untranslatable, match=r"thing: got .*a page knows no object"):
        javascript(thing=STRANGER)


def test_the_pass_is_translated_line_by_line():
    text = common()
    for line in (
        "z = $add($matmul(x, layer.W), layer.b);",
        "$append(z_out, x);",
        "$set(dW, i, $matmul(arriving.mT, signal));",
        "upstream = $matmul(signal, $item(layers, i).W.mT);",
    ):
        assert text.count(line) == 1, line


def test_one_function_alone():
    text = translated(backward_pass)
    assert text.startswith("const backward_pass = (layers, x, z_in, z_out, y, loss, divisor) => {")
    assert text in common()
    assert text not in javascript(found=backward_pass), "it stands before every program"


def test_nothing_is_defined_twice_and_nothing_is_evaluated():
    text = common() + javascript(a=forward_pass, b=forward_pass, c=backward_pass)
    names = [line.split()[1] for line in text.splitlines() if line.startswith("const ")]
    assert len(set(names)) == len(names)
    assert not {"eval", "Function"} & set(f"{SCRIPTS['runtime']}{text}".replace("(", " ").split())


@dataclass(frozen=True)
class Record:
    first: float
    second: str = "two"


def test_values_become_literals_rounded_as_all_that_is_stored():
    given = {
        "a": 1, "b": 0.1 + 0.2, "c": None, "d": True, "e": math.inf, "f": [math.nan, "x"],
        "g": np.array([[1.0, 2.0]]), "h": {"k": (1,)}, "i": Record(0.5), "j": np.float64(0.25),
    }  # fmt: skip
    text = javascript(**given)
    for name, value in {
        "a": "1", "b": "0.3", "c": "null", "d": "true", "e": "Infinity", "f": '[NaN, "x"]',
        "j": "0.25",
    }.items():  # fmt: skip
        assert f"export const {name} = {value};" in text
    assert "const g = $array([[1.0, 2.0]]);" in text
    assert 'const h = {"k": [1]};' in text
    assert 'const i = {"first": 0.5, "second": "two"};' in text


def test_a_function_with_some_arguments_given_takes_the_others():
    def combined(first, given, last):
        return first + given + last

    text = javascript(found=partial(combined, given=2.0))
    assert "(first, last) => combined(first, 2.0, last)" in text


class Map(NamedTuple):
    """A record with a name that a page has, too."""

    first: float


def names_of_the_page(JSON):
    Set = Map(JSON)

    def Math(Array):
        return Array + Set.first

    return [Math(Number) for Number in (1, 2)]


def test_names_that_the_runtime_uses_are_others():
    """A record `Map` in a program hid the page's own, which the runtime builds its tables with."""
    module = javascript(found=names_of_the_page)
    for name in ("Map", "Set", "JSON", "Math", "Array", "Number"):
        assert f"{name}_" in module
        assert not re.search(rf"(?<![\w$.]){name}(?![\w$])", module)
