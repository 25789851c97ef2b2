"""The workspace of the recorded sessions: what was on disk when they began. ``write`` makes it anew, the same to the last byte."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ORDERS = '''\
"""Orders of a small shop."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass
class Order:
    """What somebody wants."""

    items: list
    prices: dict

    def total(self):
        return sum(self.prices[item] for item in self.items)

    def cheapest(self):
        return min(self.items, key=self.prices.get)


@lru_cache(maxsize=None)
def ways(amount, coins):
    if amount == 0:
        return 1
    if amount < 0 or not coins:
        return 0
    return ways(amount - coins[0], coins) + ways(amount, coins[1:])


def pairs(orders):
    found = []
    for a in orders:
        for b in orders:
            if a is not b and a.total() == b.total():
                found.append((a, b))
    return found


def busiest(orders):
    counts = {}
    for order in orders:
        for item in order.items:
            counts[item] = counts.get(item, 0) + 1
    return sorted(counts, key=counts.get, reverse=True)


async def deliver(orders, send):
    for order in orders:
        await send(order)
'''

ORDERS_BEFORE = ORDERS.replace(
    """\
    found = []
    for a in orders:
        for b in orders:
            if a is not b and a.total() == b.total():
                found.append((a, b))
    return found
""",
    """\
    return list(zip(orders, orders[1:]))
""",
)

WEATHER = '''\
"""Signs of the weather: 🌦, 🌧 and the rest. Every line that counts has a character that UTF-16 needs two units for."""

SIGNS = {"sun": "🌞", "rain": "🌧", "𓆏now": "❄️"}


def größe(werte): return max(werte) - min(werte)  # 📏 é e\u0301


def forecast(days, mood="😀"):
    """🌦 for every day"""
    return [SIGNS["sun"] if day % 2 else SIGNS["rain"] for day in range(days)]


class Stație:  # no ASCII name either
    def __init__(self, name="📡"): self.name, self.readings = name, []

    def average(self): return sum(self.readings) / len(self.readings) if self.readings else "🤷"

    def smooth(self, width=3, sign="〰️"):
        out = []
        for i in range(len(self.readings)):
            window = self.readings[max(0, i - width) : i + width + 1]
            out.append(sum(window) / len(window))
        return out
'''

BROKEN = """\
def before(xs):
    return [x * x for x in xs]


def half(xs:
    for x in xs
        print(x


def after(xs):
    return sorted(set(xs))
"""

SETTINGS = """\
# Budgets that are broken, so that there is something to see.
[[budgets]]
name = "^(pairs|step_7)$"
latency = "1 us"

[[budgets]]
paths = ["weather.py"]
peak-heap = "200 B"
"""


def many() -> str:
    """300 functions of a few shapes."""
    shapes = (
        "def step_{n}(xs):\n    return [x + {n} for x in xs]\n",
        "def step_{n}(xs):\n    total = 0\n    for x in xs:\n        total += x * {n}\n    return total\n",
        "def step_{n}(n):\n    return n if n < 2 else step_{n}(n - 1) + step_{n}(n - 2)\n",
        "def step_{n}(a, b={n}):\n    return {{key: a[key] for key in sorted(a) if key != b}}\n",
    )
    return "\n\n".join(shapes[n % len(shapes)].format(n=n) for n in range(300))


def write(root: Path) -> None:
    """Make the workspace in the folder ``root``: a repository whose working tree differs from HEAD."""
    root.mkdir(parents=True)
    files = {"orders.py": ORDERS_BEFORE, "weather.py": WEATHER, "many.py": many(), "broken.py": BROKEN, "rlm-lsp.toml": SETTINGS}
    for name, text in files.items():
        (root / name).write_bytes(text.encode())
    settings = ("user.name=a", "user.email=a@example.org", "core.autocrlf=false", "commit.gpgsign=false")
    git = ["git", *(word for setting in settings for word in ("-c", setting))]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *command], cwd=root, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}, check=True)
    (root / "orders.py").write_bytes(ORDERS.encode())
