"""What stands around an app brings the style to its page, once, and to a wheel with it."""

import re
import tarfile
import zipfile
from pathlib import Path

import ipywidgets as widgets
import pytest
from flit_core import buildapi

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.exercise import golf, practice
from backprop_lab.page.frame import Frame, Guard
from backprop_lab.page.library import Scripted, library, script
from backprop_lab.picture import elements

ROOT = Path(bl.__file__).parents[1]


def every(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from every(child)


@pytest.mark.parametrize(
    "build",
    [explore.one_neuron, explore.algorithm, explore.counts, golf.play, practice.find_first_wrong],
)
def test_an_app_has_its_style_and_its_scripts_from_the_library_alone(build):
    parts = list(every(build()))
    guards = [part for part in parts if isinstance(part, Guard)]
    assert len(guards) == len([part for part in parts if isinstance(part, Frame)]) > 0
    assert {part.library for part in parts if isinstance(part, Scripted)} == {library()}
    assert library()._css == elements.STYLE
    assert library().model_id == "backprop-lab"
    texts = [value for part in parts for value in part.get_state().values()]
    assert not [text for text in texts if script("guard") in str(text)]
    shown = [part.value for part in parts if isinstance(part, widgets.HTML)]
    assert not [value for value in shown if "<style" in value]


def test_the_style_sheet_is_one_that_a_browser_reads_to_its_end():
    text = re.sub(r"/\*.*?\*/", "", elements.STYLE, flags=re.S)
    assert text.count("{") == text.count("}") > 90
    assert "<" not in text, "it stands in a <style>, too"


@pytest.mark.parametrize("made", ["build_wheel", "build_sdist"])
def test_styles_and_scripts_are_packaged(made, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = tmp_path / getattr(buildapi, made)(str(tmp_path))
    if made == "build_wheel":
        names = zipfile.ZipFile(path).namelist()
    else:
        with tarfile.open(path) as packed:
            names = [name.partition("/")[2] for name in packed.getnames()]
    files = {
        str(p.relative_to(ROOT))
        for p in (ROOT / "backprop_lab").rglob("*")
        if p.suffix in (".css", ".js")
    }
    assert len(files) > 3
    assert files <= set(names)


def test_equal_layouts_are_one_and_no_others():
    texts = [widgets.HTML() for _ in range(3)]
    wide = [widgets.HTML(layout={"width": "50%"}) for _ in range(2)]
    app = Frame("an app", [widgets.HBox(texts), *wide])
    assert len({text.layout for text in texts}) == 1
    assert wide[0].layout is wide[1].layout
    assert wide[0].layout.width == "50%"
    assert texts[0].layout.width is None
    assert {app.layout, app.guard.layout}.isdisjoint({texts[0].layout, wide[0].layout})
