"""An order book: the kind of code whose cost hides in a loop."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """One line of a shop's order file."""

    customer: str
    product: str
    quantity: int
    price: float

    def total(self) -> float:
        """Return what the customer pays."""
        return self.quantity * self.price


def revenue(orders: list[Order]) -> float:
    """Return the sum over all orders: one pass."""
    return sum(order.total() for order in orders)


def revenue_by_customer(orders: list[Order]) -> dict[str, float]:
    """Return each customer's sum: one pass, one dictionary."""
    totals: dict[str, float] = defaultdict(float)
    for order in orders:
        totals[order.customer] += order.total()
    return dict(totals)


def duplicate_orders_slow(orders: list[Order]) -> list[tuple[int, int]]:
    """Return pairs of equal orders by comparing each with each."""
    pairs = []
    for i in range(len(orders)):
        for j in range(i + 1, len(orders)):
            if orders[i] == orders[j]:
                pairs.append((i, j))
    return pairs


def duplicate_orders(orders: list[Order]) -> list[tuple[int, int]]:
    """Return pairs of equal orders by a dictionary of first places."""
    first: dict[Order, int] = {}
    pairs = []
    for place, order in enumerate(orders):
        if order in first:
            pairs.append((first[order], place))
        else:
            first[order] = place
    return pairs


def best_customers(orders: list[Order], count: int = 10) -> list[tuple[str, float]]:
    """Return the customers who paid most, dearest first."""
    by_customer = revenue_by_customer(orders)
    return sorted(by_customer.items(), key=lambda item: -item[1])[:count]
