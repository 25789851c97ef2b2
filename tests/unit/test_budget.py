from __future__ import annotations

from pathlib import Path

import pytest

from rlm_lsp.budget import Breach, evaluate, limits_for, rules_for
from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import BudgetRule, Settings
from rlm_lsp.predict.results import Objective, Values, unavailable

OBJECTIVES = (Objective("latency@cpu", "s"), Objective("peak_heap@cpu", "B"))


def ignore(*metrics: str, problem: str | None = None) -> Directive:
    return Directive("ignore", metrics, (), 1, 0, 1, problem)


def budget(**limits: float) -> Directive:
    return Directive("budget", (), tuple((name.replace("_", "-"), limit) for name, limit in limits.items()), 1, 0, 1)


def values(p10: float, p50: float, p90: float, *heap: float) -> Values:
    return Values([[p10, p50, p90], heap or [1.0, 2.0, 3.0]])


SETTINGS = Settings(
    root=Path("/project"),
    budgets=(
        BudgetRule("latency", 1.0),
        BudgetRule("latency", 2.0, name=r"^Api\."),
        BudgetRule("latency", 3.0, ("src/**",)),
        BudgetRule("latency", 4.0, ("src/**", "!src/slow/**"), r"\.slow$"),
        BudgetRule("latency", 5.0, ("src/b/*.py",)),
        BudgetRule("peak-heap", 6.0, name="x"),
    ),
)


@pytest.mark.parametrize(
    ("path", "name", "limits"),
    [
        ("/project/a.py", "f", {"latency": 1.0}),
        ("/project/a.py", "Api.f", {"latency": 2.0}),
        ("/project/a.py", "MyApi.f", {"latency": 1.0}),
        ("/project/src/a.py", "f", {"latency": 3.0}),
        ("/project/src/a.py", "Api.f", {"latency": 2.0}),
        ("/project/src/a.py", "Api.slow", {"latency": 4.0}),
        ("/project/src/slow/a.py", "Api.slow", {"latency": 2.0}),
        ("/project/src/b/a.py", "f", {"latency": 5.0}),
        ("/project/src/b/c/a.py", "x", {"latency": 3.0, "peak-heap": 6.0}),
        ("/projects/src/a.py", "f", {"latency": 1.0}),
        ("/src/a.py", "f", {"latency": 1.0}),
        (None, "f", {"latency": 1.0}),
        (None, "Api.slow", {"latency": 2.0}),
    ],
)
def test_the_most_specific_rule_wins(path: str | None, name: str, limits: dict[str, float]) -> None:
    assert limits_for(rules_for(SETTINGS, path), name) == limits


def test_paths_are_relative_to_the_settings_wherever_one_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "src" / "b").mkdir(parents=True)
    settings = Settings(root=tmp_path, budgets=SETTINGS.budgets)
    monkeypatch.chdir(tmp_path / "src")
    assert limits_for(rules_for(settings, "b/a.py"), "f") == {"latency": 5.0}
    assert limits_for(rules_for(settings, "../a.py"), "f") == {"latency": 1.0}


def test_the_code_beats_all_rules() -> None:
    rules = rules_for(SETTINGS, "/project/src/a.py")
    assert limits_for(rules, "Api.slow", [budget(latency=9.0), ignore("latency")]) == {"latency": 9.0}
    assert limits_for(rules, "x", [budget(peak_heap=1.0)]) == {"latency": 3.0, "peak-heap": 1.0}
    assert limits_for((), "x", [Directive("budget", (), (("latency", 1.0),), 1, 0, 1, "wrong")]) == {}


@pytest.mark.parametrize(
    ("quantiles", "breaches"),
    [
        ((0.1, 0.2, 99), []),
        ((0.1, 0.5, 99), []),
        ((0.1, 0.6, 99), [Breach("latency", 0.5, "warning", "p50", 0.6)]),
        ((0.5, 0.6, 99), [Breach("latency", 0.5, "warning", "p50", 0.6)]),
        ((0.51, 0.6, 99), [Breach("latency", 0.5, "error", "p10", 0.51)]),
    ],
)
def test_the_median_warns_and_p10_fails(quantiles: tuple[float, float, float], breaches: list[Breach]) -> None:
    assert list(evaluate(values(*quantiles), OBJECTIVES, {"latency": 0.5}).breaches) == breaches


def test_fifty_milliseconds_are_a_twentieth_of_a_second() -> None:
    from rlm_lsp.config import Layer, resolve

    one, other = (resolve([Layer("file", {"latency": text})])[0] for text in ("50 ms", "0.05 s"))
    assert one == other
    for middle in (0.05, 0.050000001):
        verdicts = [evaluate(values(0.01, middle, 1), OBJECTIVES, limits_for(rules_for(each, None), "f")) for each in (one, other)]
        assert verdicts[0] == verdicts[1]
        assert bool(verdicts[0].breaches) == (middle > 0.05)


def test_what_is_ignored_is_used_and_what_is_not_there_is_said() -> None:
    both = values(2, 2, 2, 2, 2, 2)
    limits = limits_for((BudgetRule("latency", 1.0), BudgetRule("peak-heap", 1.0)), "f")
    everything, latency, heap, wrong = ignore(), ignore("latency"), ignore("peak-heap"), ignore("latency", problem="wrong")

    assert [breach.metric for breach in evaluate(both, OBJECTIVES, limits, ()).breaches] == ["latency", "peak-heap"]
    verdict = evaluate(both, OBJECTIVES, limits, [latency])
    assert ([breach.metric for breach in verdict.breaches], [breach.metric for breach in verdict.suppressed]) == (
        ["peak-heap"],
        ["latency"],
    )
    assert verdict.unused == ()
    assert evaluate(both, OBJECTIVES, limits, [everything]).breaches == ()
    assert evaluate(both, OBJECTIVES, {"latency": 1.0}, [latency, heap]).unused == (heap,)
    assert evaluate(both, OBJECTIVES, {"latency": 3.0}, [latency, everything, budget(latency=3.0)]).unused == (latency, everything)
    assert evaluate(both, OBJECTIVES, limits, [wrong]).suppressed == ()
    assert evaluate(both, OBJECTIVES, limits, [wrong]).unused == ()


def test_what_is_not_known_breaks_nothing_and_uses_nothing() -> None:
    for unknown in (None, unavailable("why")):
        verdict = evaluate(unknown, OBJECTIVES, {"latency": 1e-9}, [ignore()])
        assert (verdict.breaches, verdict.suppressed, verdict.unused) == ((), (), ())
    assert evaluate(Values([[1.0, 1.0, 1.0]]), OBJECTIVES[:1], {"peak-heap": 1e-9}).breaches == ()
