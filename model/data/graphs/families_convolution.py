"""Families of convolutional networks, from plain stacks to U-shaped ones; widths, depths and resolutions are drawn."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from rlm_lsp.model.data.graphs.builder import Builder, Value

_CLASSES = (2, 10, 21, 100, 200, 365, 1000)


def _image(b: Builder, rng: Random, sides: tuple[int, ...] = (32, 48, 64, 96, 112, 128, 160, 192, 224)) -> Value:
    side = rng.choice(sides)
    return b.input(rng.choice((1, 1, 1, 2, 4)) if side <= 96 else 1, rng.choice((1, 3, 3, 3)), side, side)


def _width(rng: Random, low: int, high: int) -> int:
    return 8 * rng.randint(max(1, low // 8), high // 8)


def _stem(b: Builder, rng: Random, x: Value, width: int) -> Value:
    """The first convolution, which makes large pictures smaller."""
    if x.dims[2] < 96:
        return b.relu(b.conv_norm(x, width, 3))
    x = b.relu(b.conv_norm(x, width, rng.choice((3, 5, 7)), stride=2))
    return b.pool(x, "Max", 3, stride=2, pad=1)


def _head(b: Builder, rng: Random, x: Value) -> list[Value]:
    return [b.classifier(x, rng.choice(_CLASSES))]


def plain(b: Builder, rng: Random) -> list[Value]:
    """Stacks of 3x3 convolutions with pooling between them, and two or three dense layers (VGG, arXiv 1409.1556)."""
    x, width = _image(b, rng), _width(rng, 8, 48)
    for _ in range(rng.randint(2, 5)):
        for _ in range(rng.randint(1, 3)):
            x = b.relu(b.conv_norm(x, width, 3))
        if x.dims[2] >= 4:
            x = b.pool(x, "Max", 2, stride=2)
        width = min(256, width * rng.choice((1, 2, 2)))
    if x.dims[2] > 8:
        return _head(b, rng, x)
    x = b.op("Flatten", [x], (x.dims[0], x.dims[1] * x.dims[2] * x.dims[3]), axis=1)
    for _ in range(rng.randint(0, 2)):
        x = b.relu(b.dense(x, _width(rng, 64, 512)))
    return [b.dense(x, rng.choice(_CLASSES))]


def _residual(b: Builder, rng: Random, bottleneck: bool) -> list[Value]:
    width = _width(rng, 8, 48)
    x = _stem(b, rng, _image(b, rng), width)
    groups = rng.choice((1, 1, 4)) if bottleneck else 1
    for stage in range(rng.randint(2, 4)):
        stride = 1 if stage == 0 else 2
        for _ in range(rng.randint(1, 4)):
            out = width * (4 if bottleneck else 1)
            if bottleneck:
                y = b.relu(b.conv_norm(x, width, 1))
                y = b.conv_norm(b.relu(b.conv_norm(y, width, 3, stride=stride, group=groups)), out, 1)
            else:
                y = b.conv_norm(b.relu(b.conv_norm(x, width, 3, stride=stride)), width, 3)
            shortcut = x if x.dims == y.dims else b.conv_norm(x, out, 1, stride=stride, pad=0)
            x, stride = b.relu(b.add(y, shortcut)), 1
        width *= 2
    return _head(b, rng, x)


def resnet_basic(b: Builder, rng: Random) -> list[Value]:
    """Residual blocks of two 3x3 convolutions (arXiv 1512.03385)."""
    return _residual(b, rng, bottleneck=False)


def resnet_bottleneck(b: Builder, rng: Random) -> list[Value]:
    """Residual blocks of 1x1, 3x3, 1x1, some with groups (arXiv 1512.03385, 1611.05431)."""
    return _residual(b, rng, bottleneck=True)


def _gate(b: Builder, x: Value) -> Value:
    """Squeeze and excitation (arXiv 1709.01507)."""
    pooled = b.op("GlobalAveragePool", [x], (*x.dims[:2], 1, 1))
    inner = b.relu(b.conv(pooled, max(8, x.dims[1] // 4), 1))
    return b.op("Mul", [x, b.unary("Sigmoid", b.conv(inner, x.dims[1], 1))], x.dims)


def mobilenet(b: Builder, rng: Random) -> list[Value]:
    """Inverted residuals with depthwise convolutions (arXiv 1801.04381), some with gates (1905.02244)."""
    width, gated = _width(rng, 8, 24), rng.random() < 0.4
    activation = rng.choice(("Relu", "HardSwish", "Sigmoid"))

    def active(x: Value) -> Value:
        return b.op("Mul", [x, b.unary("Sigmoid", x)], x.dims) if activation == "Sigmoid" else b.unary(activation, x)

    x = active(b.conv_norm(_image(b, rng), width, 3, stride=2))
    for _ in range(rng.randint(3, 6)):
        stride, out = rng.choice((1, 2, 2)) if x.dims[2] >= 8 else 1, _width(rng, width, width + 32)
        expand, kernel = rng.choice((3, 4, 6)), rng.choice((3, 3, 5))
        for _ in range(rng.randint(1, 3)):
            y = active(b.conv_norm(x, x.dims[1] * expand, 1))
            y = active(b.conv_norm(y, y.dims[1], kernel, stride=stride, group=y.dims[1]))
            y = b.conv_norm(_gate(b, y) if gated else y, out, 1)
            x, stride = (b.add(x, y) if x.dims == y.dims else y), 1
        width = out
    return _head(b, rng, active(b.conv_norm(x, width * 4, 1)))


def densenet(b: Builder, rng: Random) -> list[Value]:
    """Every layer sees all before it (arXiv 1608.06993)."""
    growth = _width(rng, 8, 24)
    x = _stem(b, rng, _image(b, rng), 2 * growth)
    for stage in range(rng.randint(2, 3)):
        if stage:
            x = b.pool(b.conv_norm(x, x.dims[1] // 2, 1), "Average", 2, stride=2)
        for _ in range(rng.randint(2, 6)):
            y = b.relu(b.conv_norm(x, 4 * growth, 1))
            x = b.concat([x, b.relu(b.conv_norm(y, growth, 3))])
    return _head(b, rng, x)


def inception(b: Builder, rng: Random) -> list[Value]:
    """Four branches side by side (arXiv 1409.4842)."""
    x = _stem(b, rng, _image(b, rng), _width(rng, 16, 48))
    for stage in range(rng.randint(2, 3)):
        if stage:
            x = b.pool(x, "Max", 3, stride=2, pad=1)
        for _ in range(rng.randint(1, 3)):
            w = _width(rng, 8, 48)
            narrow = b.relu(b.conv_norm(x, w, 1))
            middle = b.relu(b.conv_norm(b.relu(b.conv_norm(x, w, 1)), 2 * w, 3))
            wide = b.relu(b.conv_norm(b.relu(b.conv_norm(x, max(8, w // 2), 1)), w, 5))
            pooled = b.relu(b.conv_norm(b.pool(x, "Max", 3, stride=1, pad=1), w, 1))
            x = b.concat([narrow, middle, wide, pooled])
    return _head(b, rng, x)


def squeezenet(b: Builder, rng: Random) -> list[Value]:
    """Fire modules: squeeze, then two branches (arXiv 1602.07360)."""
    x = _stem(b, rng, _image(b, rng), _width(rng, 16, 64))
    width = _width(rng, 8, 24)
    for stage in range(rng.randint(2, 3)):
        if stage:
            x = b.pool(x, "Max", 3, stride=2, pad=1)
        for _ in range(rng.randint(1, 4)):
            squeezed = b.relu(b.conv(x, width, 1))
            x = b.concat([b.relu(b.conv(squeezed, 4 * width, 1)), b.relu(b.conv(squeezed, 4 * width, 3))])
        width += 8
    return _head(b, rng, b.relu(b.conv(x, _width(rng, 64, 256), 1)))


def shufflenet(b: Builder, rng: Random) -> list[Value]:
    """Two halves, one worked on, then channels shuffled (arXiv 1807.11164)."""
    width = 2 * _width(rng, 8, 48)
    x = _stem(b, rng, _image(b, rng), width)
    for _ in range(rng.randint(2, 3)):
        x = b.relu(b.conv_norm(x, width, 3, stride=2))
        n, _, high, wide = x.dims
        for _ in range(rng.randint(1, 4)):
            half = (n, width // 2, high, wide)
            left, right = b.ops("Split", [x, b.constant([width // 2, width // 2])], [half, half], axis=1)
            y = b.relu(b.conv_norm(right, width // 2, 1))
            y = b.relu(b.conv_norm(b.conv_norm(y, width // 2, 3, group=width // 2), width // 2, 1))
            x = b.concat([left, y])
            x = b.transpose(b.reshape(x, n, 2, width // 2, high, wide), 0, 2, 1, 3, 4)
            x = b.reshape(x, n, width, high, wide)
        width *= 2
    return _head(b, rng, x)


def convnext(b: Builder, rng: Random) -> list[Value]:
    """Large depthwise kernels, layer normalisation, dense layers on channels (arXiv 2201.03545)."""
    width = _width(rng, 16, 64)
    x = b.conv(_image(b, rng), width, 4, stride=4, pad=0)
    for stage in range(rng.randint(2, 3)):
        if stage:
            width *= 2
            x = b.conv(x, width, 2, stride=2, pad=0)
        for _ in range(rng.randint(1, 3)):
            y = b.transpose(b.conv(x, width, rng.choice((5, 7)), group=width), 0, 2, 3, 1)
            y = b.op("LayerNormalization", [y, b.weight(width, fill=1.0), b.weight(width)], y.dims, axis=-1)
            y = b.dense(y, 4 * width)
            y = b.dense(gelu(b, y), width)
            x = b.add(x, b.transpose(y, 0, 3, 1, 2))
    return _head(b, rng, x)


def gelu(b: Builder, x: Value) -> Value:
    """The activation as exporters write it before it was an operator: x / 2 * (1 + erf(x / sqrt(2)))."""
    inner = b.op("Add", [b.unary("Erf", b.scaled(x, 0.70710678)), b.constant(1.0)], x.dims)
    return b.op("Mul", [b.scaled(x, 0.5), inner], x.dims)


def unet(b: Builder, rng: Random) -> list[Value]:
    """Down, up again, and across (arXiv 1505.04597); resized or with transposed convolutions."""
    side, width, depth = rng.choice((32, 48, 64, 96, 128)), _width(rng, 8, 24), rng.randint(2, 3)
    x = b.input(1, rng.choice((1, 3)), side, side)
    across = []
    for level in range(depth):
        x = b.relu(b.conv_norm(b.relu(b.conv_norm(x, width << level, 3)), width << level, 3))
        across.append(x)
        x = b.pool(x, "Max", 2, stride=2)
    x = b.relu(b.conv_norm(x, width << depth, 3))
    resized = rng.random() < 0.5
    for level in reversed(range(depth)):
        n, channels, high, wide = x.dims
        out = width << level
        if resized:
            size = b.constant([n, channels, 2 * high, 2 * wide])
            x = b.op("Resize", [x, "", "", size], (n, channels, 2 * high, 2 * wide), mode="nearest")
            x = b.relu(b.conv_norm(x, out, 3))
        else:
            weight = b.weight(channels, out, 2, 2, fan=channels)
            x = b.op("ConvTranspose", [x, weight], (n, out, 2 * high, 2 * wide), kernel_shape=[2, 2], strides=[2, 2])
        x = b.relu(b.conv_norm(b.concat([across[level], x]), out, 3))
    return [b.unary("Sigmoid", b.conv(x, rng.choice((1, 2, 4, 21)), 1))]


def autoencoder(b: Builder, rng: Random) -> list[Value]:
    """Strided convolutions down to a code and transposed ones up again."""
    side, width, depth = rng.choice((32, 64, 96, 128)), _width(rng, 8, 32), rng.randint(2, 4)
    x = b.input(rng.choice((1, 1, 4)), 3, side, side)
    for level in range(depth):
        x = b.unary("LeakyRelu", b.conv_norm(x, width * (level + 1), 3, stride=2), alpha=0.1)
    for level in reversed(range(depth)):
        n, channels, high, wide = x.dims
        out = 3 if level == 0 else width * level
        weight = b.weight(channels, out, 4, 4, fan=channels * 4)
        window = {"kernel_shape": [4, 4], "strides": [2, 2], "pads": [1, 1, 1, 1]}
        x = b.op("ConvTranspose", [x, weight], (n, out, 2 * high, 2 * wide), **window)
        x = b.unary("Tanh", x) if level == 0 else b.unary("LeakyRelu", x, alpha=0.1)
    return [x]


CONVOLUTION: dict[str, Callable[[Builder, Random], list[Value]]] = {
    "plain": plain,
    "resnet-basic": resnet_basic,
    "resnet-bottleneck": resnet_bottleneck,
    "mobilenet": mobilenet,
    "densenet": densenet,
    "inception": inception,
    "squeezenet": squeezenet,
    "shufflenet": shufflenet,
    "convnext": convnext,
    "unet": unet,
    "autoencoder": autoencoder,
}
