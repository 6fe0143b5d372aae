"""Root of all tests: `pytest --nbval` compares everything that a notebook shows."""

from pathlib import Path

import pytest

APPS = "tests/browser/apps/"


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector):
    """What nbval would collect (nothing, unless it is asked to), collect strictly."""
    collected = yield
    if not collected or file_path.suffix != ".ipynb":
        return collected
    from nbval.plugin import IPyNbFile

    from tests.confirm.strict import StrictFile

    return [
        StrictFile.from_parent(parent, path=file_path) if isinstance(node, IPyNbFile) else node
        for node in collected
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter):
    """Print what tests have recorded for the reader of the run: `record_property("summary", …)`."""
    reports = [report for each in terminalreporter.stats.values() for report in each]
    said = {
        text
        for report in reports
        for name, text in getattr(report, "user_properties", ())
        if name == "summary"
    }
    for line in sorted(said):
        terminalreporter.write_line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """`--dist loadfile`, but the apps' page, which many files share, is opened by one worker."""
    from xdist.scheduler import LoadFileScheduling

    class ByPage(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return APPS if file.startswith(APPS) else file

    return ByPage(config, log) if config.getoption("dist") == "loadfile" else None
