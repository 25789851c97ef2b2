"""Shape inference by the package ``onnx``, which is imported here and nowhere else in ``rlm_lsp.onnx``. For the worker process alone."""
