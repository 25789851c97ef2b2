#!/usr/bin/env python3
"""Module docstring."""
"""A second one."""

LIMIT = 3
"""What the limit is for."""


def only():
    """Only a docstring."""


def one_line(): """Only a docstring."""


def raw(x):
    r'''Raw \d docstring
        with lines
    '''
    return x


def joined(x):
    "first" \
        "second"
    return x


def not_docs(x):
    f"evaluated {x}"
    b"bytes"
    ("in parentheses")
    "a".strip()
    s = """kept"""
    return s


def separated(x):
    """doc"""; y = x; "loose"; return y; "unreached"


class Documented:
    """Class docstring."""

    field = 1
    """Attribute docstring."""

    class Empty:
        """Only a docstring."""

    def method(self):
        """Doc."""

    def branch(self, x):
        if x:
            "nothing to do"
        else:
            """nothing
            to do"""
