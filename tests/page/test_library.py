"""The library's scripts, as they are put together into modules."""

import re

import pytest

from backprop_lab.exercise.hand_in import HandIn
from backprop_lab.page.controls import NumberSlider
from backprop_lab.page.frame import Guard
from backprop_lab.page.library import SCRIPTS, Scripted
from backprop_lab.page.live import Live

MODULES = {
    f"{widget.__name__}'s {of}": parts
    for widget in (Guard, HandIn, Live, NumberSlider)
    for of, parts in (("script", widget.parts), ("program", widget.program_parts))
}
DEFINED = re.compile(r"(?m)^(?:export )?(?:async )?(?:const|let|class|function)\*? (.+)$")


def test_every_widget_with_scripts_is_looked_at():
    assert {f"{widget.__name__}'s script" for widget in Scripted.__subclasses__()} <= {*MODULES}


@pytest.mark.parametrize("module", MODULES)
def test_scripts_of_one_module_define_no_name_twice(module):
    """A page refuses such a module as a whole: no app would answer."""
    names = []
    for part in filter(None, MODULES[module]):
        defined = DEFINED.findall(SCRIPTS[part])
        assert defined or SCRIPTS[part].startswith("export {"), f"{part}: no name was found"
        for line in defined:
            names += re.findall(r"[\w$]+", line.split("=")[0].split("(")[0].split(" extends")[0])
    assert len(set(names)) == len(names)
