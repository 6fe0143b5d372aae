"""An app belongs to its cell: its widgets' ids say which, and the cell's next run ends it."""

import asyncio

import ipywidgets as widgets
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.exercise import practice
from backprop_lab.page import cell
from backprop_lab.page.background import Background
from backprop_lab.page.frame import Frame


class Shell:
    """As much of a kernel's shell as tells which cell runs."""

    def __init__(self):
        self.parent = {"header": {"msg_id": "0"}, "metadata": {}}

    def get_parent(self):
        return self.parent

    def run(self, cell_id, build):
        """Run a cell; each run is another request."""
        request = str(int(self.parent["header"]["msg_id"]) + 1)
        self.parent = {"header": {"msg_id": request}, "metadata": {"cellId": cell_id}}
        return build()


@pytest.fixture
def shell(monkeypatch):
    shell = Shell()
    monkeypatch.setattr(cell, "get_ipython", lambda: shell)
    monkeypatch.setattr(cell, "_runs", {})
    yield shell
    for run in cell._runs.values():
        run.end()


def shared(widget):
    """Whether it belongs to all apps."""
    return widget.model_id.startswith("backprop-lab")


def parts(app):
    """An app's own widgets, by id."""
    found, ahead = {}, [app]
    while ahead:
        widget = ahead.pop()
        found[widget.model_id] = widget
        values = [getattr(widget, name) for name in widget.keys]
        values = [v for v in values if isinstance(v, widgets.Widget) and not shared(v)]
        ahead += [v for v in values if v.model_id not in found]
        ahead += getattr(widget, "children", ())
    return found


BUILDERS = {
    "app": explore.one_neuron,
    "exercise": lambda: practice.chain_blanks("u_2"),
    "still": explore.chain_rules,
    "by hand": lambda: practice.Exercise("mine", [practice.Blank("L", 0.5)]),
}


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_every_widget_of_an_app_is_named_by_its_cell(shell, build):
    app = shell.run("a", build)
    assert app.model_id == "a-app-1"
    assert all(key.startswith("a-") for key in parts(app))
    assert len(parts(app)) > 5


def test_a_cell_run_again_gives_the_same_ids_and_closes_the_old_widgets(shell):
    first = shell.run("a", explore.one_neuron)
    old = parts(first)
    second = shell.run("a", explore.one_neuron)
    assert parts(second).keys() == old.keys()
    assert all(widget.comm is None for widget in old.values())
    assert second.comm is not None
    assert second.guard.library is first.guard.library
    assert {second.guard.library.comm, second.guard.library.layout.comm}.isdisjoint({None})


def test_two_apps_of_one_cell_and_apps_of_two_cells_live_side_by_side(shell):
    both = shell.run("a", lambda: [explore.one_neuron(), explore.one_neuron()])
    other = shell.run("b", explore.one_neuron)
    assert [app.model_id for app in (*both, other)] == ["a-app-1", "a-app-2", "b-app-1"]
    assert all(app.comm for app in (*both, other))


def test_an_app_keeps_its_id_when_its_parts_change(shell):
    assert shell.run("a", explore.one_neuron).model_id == "a-app-1"
    assert shell.run("a", lambda: explore.walkthrough(bl.lectures.xor())).model_id == "a-app-1"


def test_a_reader_s_own_widgets_are_left_alone(shell):
    made = shell.run("a", lambda: [widgets.IntSlider(3), explore.one_neuron()])
    shell.run("a", explore.one_neuron)
    assert not made[0].model_id.startswith("a-")
    assert made[0].comm is not None


def test_where_no_cell_is_known_nothing_is_named(monkeypatch, shell):
    assert not explore.one_neuron().model_id.startswith("-")
    monkeypatch.setattr(cell, "get_ipython", lambda: None)
    assert explore.one_neuron().comm is not None


def test_a_bad_argument_leaves_no_naming_behind(shell):
    with pytest.raises(ValueError, match="weight"):
        shell.run("a", lambda: explore.nudge_app("no such weight"))
    assert not widgets.IntSlider(3).model_id.startswith("a-")


class Worker(Background, Frame):
    """An app that works until it is ended."""

    def __init__(self):
        self.turns = 0
        super().__init__("work", [])

    async def work(self):
        while True:
            self.turns += 1
            await asyncio.sleep(0)


def end_by_closing(app):
    app.close()


def end_by_leaving(app):
    """As the page tells when its last view is gone."""
    app.guard._handle_custom_msg({"gone": True}, [])


@pytest.mark.parametrize("end", [end_by_closing, end_by_leaving])
def test_work_ends_with_its_app(end):
    async def watch():
        app = Worker()
        app.begin(app.work)
        await asyncio.sleep(0.01)
        assert app.turns > 1
        end(app)
        done = app.turns
        await asyncio.sleep(0.01)
        assert app.turns <= done + 1
        assert app.task is None

    asyncio.run(watch())
