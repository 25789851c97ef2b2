"""The product's exceptions: all of them are ``RlmLspError``, and each prints as one line for a person."""

from __future__ import annotations


class RlmLspError(Exception):
    """The base of everything that this package raises on purpose."""


class ModelFilesError(RlmLspError):
    """The model's folder is missing, incomplete, or a file in it is not the one its manifest names."""


class EngineError(RlmLspError):
    """A worker process cannot be started, so there is nobody to answer."""


class InputError(RlmLspError):
    """What was asked for cannot be read: a missing path, a language that is not known."""


class QuarantinedError(RlmLspError):
    """A worker process died twice while it had this request, or the one model that could answer it cannot run here."""
