"""Results never change; those that hold arrays, whose == is no truth, compare by identity."""

from dataclasses import fields, is_dataclass
from importlib import import_module
from pkgutil import iter_modules

import pytest

import backprop_lab
from backprop_lab.core.results import Frozen

MODULES = [
    import_module(f"backprop_lab.{room}.{module.name}")
    for room in ("core", "formulas", "lectures")
    for module in iter_modules([f"{backprop_lab.__path__[0]}/{room}"])
]
RECORDS = [
    each
    for module in [*MODULES, backprop_lab.lectures]
    for each in vars(module).values()
    if isinstance(each, type) and is_dataclass(each) and each.__module__ == module.__name__
]


def of_arrays(field):
    return "ndarray" in field.type and "Callable" not in field.type


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_are_frozen_and_those_of_arrays_compare_by_identity(record):
    holds_arrays = issubclass(record, Frozen) or any(map(of_arrays, fields(record)))
    assert record.__dataclass_params__.frozen
    assert record.__dataclass_params__.eq is not holds_arrays
    assert (record.__eq__ is object.__eq__) is holds_arrays


def test_records_are_met():
    assert {"Layer", "Network", "Forward", "Gradient", "Profile", "Chain", "Lecture"} <= {
        record.__name__ for record in RECORDS
    }
