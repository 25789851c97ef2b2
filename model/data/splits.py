"""Which split a group belongs to: made once, stored as hashes, never by row.

A group is a LeetCode slug, a HumanEval or MBPP id, a family of our own kernels, a published architecture with all that compute the same, a
family of our own networks, or a whole package. Packages and families of networks are assigned by hand (their number is small); problems
and architectures by a hash of their name, so that a new one lands in a split without touching the others.
Of GPU code a group is a TritonBench file ("kernel") or a KernelBench problem ("module").
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rlm_lsp.model.data.examples import Example

Split = Literal["train", "validation", "test"]

# Whole packages: nothing of a test package is trained on, nor read as tokenizer or pretraining text.
_TRAIN = (
    "apptools asdf ase brian2 BTrees cvxpy dask dipy envisage gensim geopandas holoviews joblib matplotlib mystic nengo nibabel nilearn "
    "numpy obspy openmdao passlib persistent pulp pyamg pyomo pywt scipy shapely simplejson sympy unyt"
)
PACKAGE_SPLITS: dict[str, Split] = {
    **dict.fromkeys(_TRAIN.split(), "train"),
    **dict.fromkeys(("dill", "libpysal", "mpmath", "panel", "quantities", "skrf", "toolz"), "validation"),
    **dict.fromkeys(("genshi", "networkx", "skbio", "traits"), "test"),
}

# Whole families of networks of our own (data/graphs/families.py); the others are trained on.
GRAPH_FAMILY_SPLITS: dict[str, Split] = {
    **dict.fromkeys(("conv1d", "squeezenet"), "validation"),
    **dict.fromkeys(("bert", "convnext", "inception", "unet"), "test"),
}

_VALIDATION_SHARE = 0.10
_TEST_SHARE = 0.15
_TEST_SHARES = {"architecture": 0.25}  # many are published, and they are used with any number of them to learn from


def group_hash(family: str, group: str) -> str:
    """Return the 16 hexadecimal digits that stand for a group in the stored splits."""
    return hashlib.sha256(f"{family}:{group}".encode()).hexdigest()[:16]


def assign(family: str, group: str) -> Split:
    """Return the split of a group of any family but "package" by a hash of its name."""
    share = int(group_hash(family, group), 16) / 16**16
    test = _TEST_SHARES.get(family, _TEST_SHARE)
    if share < test:
        return "test"
    return "validation" if share < test + _VALIDATION_SHARE else "train"


def split_of(family: str, group: str) -> Split:
    """Return the split of a group.

    Raises:
        KeyError: a package that was never assigned to a split.
    """
    if family == "graph-family":
        return GRAPH_FAMILY_SPLITS.get(group, "train")
    return PACKAGE_SPLITS[group] if family == "package" else assign(family, group)


def stored(family: str) -> dict[str, list[str]]:
    """Return the committed group hashes of a family, by split; tests hold :func:`assign` against them."""
    text = (resources.files("rlm_lsp.model.data") / "splits" / f"{family}.json").read_text("utf-8")
    loaded: dict[str, list[str]] = json.loads(text)
    return loaded


def in_strictest(examples: Sequence[Example]) -> list[Example]:
    """Return the examples without those whose text also stands in a stricter split (test before validation before train)."""
    rank = {"train": 0, "validation": 1, "test": 2}
    strictest: dict[str, int] = {}
    for example in examples:
        strictest[example.text] = max(strictest.get(example.text, 0), rank[example.split])
    return [example for example in examples if rank[example.split] == strictest[example.text]]
