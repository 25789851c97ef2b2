"""From work to seconds: a node takes as long as its arithmetic or its traffic, whichever is longer, and what calling it costs.

Convolutions read their input as columns, which have to be laid out: where few channels share them, that takes longer than the arithmetic.

Two constants make the roofline, peak and bandwidth of one core; they are round numbers of no machine in particular, so shares and ranks
are what to look at, and seconds are right within a factor of a few.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Roofline:
    """A machine in a few numbers."""

    macs_per_second: float = 18e9
    bytes_per_second: float = 6e9
    element_scale: float = 1.0  # of the nanoseconds in ``costs_elementwise``
    overhead_s: float = 1.5e-6  # of calling an operator
    value_s: float = 0.5e-6  # of each value that it is given: looked up, and its shape checked

    def seconds(self, macs: int, traffic: int, element_ns: float, column_ns: float = 0.0, given: int = 1) -> float:
        """How long a node takes that moves ``traffic`` bytes, is ``given`` so many values, and lays out columns for ``column_ns``."""
        bound = max(macs / self.macs_per_second, traffic / self.bytes_per_second, self.element_scale * column_ns * 1e-9)
        return bound + self.element_scale * element_ns * 1e-9 + self.called(given)

    def called(self, given: int) -> float:
        """What calling a node costs, whatever it does."""
        return self.overhead_s + self.value_s * given

    @property
    def note(self) -> str:
        """What is assumed, in one line."""
        peak, bandwidth = self.macs_per_second / 1e9, self.bytes_per_second / 1e9
        return (
            f"max(MACs / {peak:g} G a second, bytes / {bandwidth:g} GB a second, columns) + elementwise work + "
            f"{self.overhead_s * 1e6:g} µs a node + {self.value_s * 1e6:g} µs a value it is given; one core, not fitted to a machine"
        )


DEFAULT = Roofline()
