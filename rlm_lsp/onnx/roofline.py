"""From work to seconds: a node takes as long as its arithmetic or its traffic, whichever is longer, and what calling it costs.

Two constants make the roofline, peak and bandwidth of one core; they are round numbers of no machine in particular, so shares and ranks
are what to look at, and seconds are right within a factor of a few.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Roofline:
    """A machine in four numbers."""

    macs_per_second: float = 18e9
    bytes_per_second: float = 6e9
    element_scale: float = 1.0  # of the nanoseconds in ``costs_elementwise``
    overhead_s: float = 2e-6  # of calling an operator

    def seconds(self, macs: int, traffic: int, element_ns: float) -> float:
        """How long a node takes that moves ``traffic`` bytes."""
        bound = max(macs / self.macs_per_second, traffic / self.bytes_per_second)
        return bound + self.element_scale * element_ns * 1e-9 + self.overhead_s

    @property
    def note(self) -> str:
        """What is assumed, in one line."""
        return (
            f"max(MACs / {self.macs_per_second / 1e9:g} G a second, bytes / {self.bytes_per_second / 1e9:g} GB a second) "
            f"+ elementwise work + {self.overhead_s * 1e6:g} µs a node; one core, not fitted to a machine"
        )


DEFAULT = Roofline()
