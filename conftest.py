"""Root of all tests: `pytest --nbval` compares everything that a notebook shows."""

from pathlib import Path

import pytest


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
