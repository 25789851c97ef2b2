"""Marks the tests in real editors, and says so where they were left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.processes import end_orderly

HERE = Path(__file__).parent


@pytest.fixture(scope="session", autouse=True)
def orderly_end() -> None:
    end_orderly()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("editors")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if "tests/editors/" in report.nodeid]
    if skipped:
        terminalreporter.section("NOT TESTED IN REAL EDITORS", red=True)
        terminalreporter.line(f"{len(skipped)} tests were left out for want of an editor: run scripts/install-editors", red=True)
