"""Networks as training data: builders of ONNX graphs of published search spaces and of families of our own, their text, their labels."""
