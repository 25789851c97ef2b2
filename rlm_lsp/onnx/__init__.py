"""ONNX files: read without their weights, shapes inferred in a child process, nodes fallen into groups."""
