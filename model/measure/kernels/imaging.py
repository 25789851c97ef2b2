"""Pictures and stacks as arrays: colours, levels, boxes around masks, templates, kernels, enlarging and small batched products."""

# mypy: disallow-untyped-defs=False, disallow-incomplete-defs=False
# Scripts are often written without hints: some of these are too, so that the model sees both.

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from rlm_lsp.model.measure.kernels import Family


def colour_picture(n: int, random: Random) -> tuple[Any, ...]:
    side = max(2, round(n**0.5))
    return (np.random.default_rng(random.randrange(1 << 30)).integers(0, 256, (side, side, 3), dtype=np.uint8),)


def luminance_dot(rgb):
    return (rgb @ np.array([299, 587, 114])) // 1000


def luminance_channels(rgb):
    wide = rgb.astype(np.int64)
    return (299 * wide[..., 0] + 587 * wide[..., 1] + 114 * wide[..., 2]) // 1000


def luminance_pixels(rgb):
    grey = np.zeros(rgb.shape[:2], dtype=np.int64)
    for y in range(rgb.shape[0]):
        for x in range(rgb.shape[1]):
            r, g, b = rgb[y, x]
            grey[y, x] = (299 * int(r) + 587 * int(g) + 114 * int(b)) // 1000
    return grey


def luminance_lists(rgb):
    return [[(299 * r + 587 * g + 114 * b) // 1000 for r, g, b in row] for row in rgb.tolist()]


def luminance_along_axis(rgb):
    return np.apply_along_axis(lambda p: (299 * int(p[0]) + 587 * int(p[1]) + 114 * int(p[2])) // 1000, 2, rgb)


def grey_bytes(n: int, random: Random) -> tuple[Any, ...]:
    side = max(2, round(n**0.5))
    dark = np.random.default_rng(random.randrange(1 << 30)).integers(0, 90, (side, side))
    return (dark.astype(np.uint8),)


def equalise_lookup(img: np.ndarray) -> Any:
    below = np.cumsum(np.bincount(img.ravel(), minlength=256))
    return (255 * below // img.size)[img]


def equalise_counting_each(img: np.ndarray) -> np.ndarray:
    flat = img.ravel()
    return np.array([255 * int((flat <= v).sum()) // flat.size for v in flat]).reshape(img.shape)


def equalise_searchsorted(img: np.ndarray) -> np.ndarray:
    ordered = np.sort(img, axis=None)
    return 255 * np.searchsorted(ordered, img, side="right") // img.size


def equalise_plain(img: np.ndarray) -> list[list[int]]:
    rows = img.tolist()
    seen = [0] * 256
    for row in rows:
        for v in row:
            seen[v] += 1
    for level in range(1, 256):
        seen[level] += seen[level - 1]
    return [[255 * seen[v] // img.size for v in row] for row in rows]


def blob(n: int, random: Random) -> tuple[Any, ...]:
    side = max(3, round(n**0.5))
    canvas = np.zeros((side, side), dtype=bool)
    top, left = random.randrange(side - 1), random.randrange(side - 1)
    canvas[top : top + side // 2, left : left + side // 2] = True
    return (canvas,)


def frame_argwhere(canvas: np.ndarray) -> tuple[int, ...]:
    where = np.argwhere(canvas)
    (top, left), (bottom, right) = where.min(axis=0), where.max(axis=0)
    return int(top), int(left), int(bottom), int(right)


def frame_projections(canvas: np.ndarray) -> tuple[int, ...]:
    rows, columns = np.flatnonzero(canvas.any(axis=1)), np.flatnonzero(canvas.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]), int(columns[-1])


def frame_pixel_loop(canvas: np.ndarray) -> tuple[int, ...]:
    top = left = len(canvas)
    bottom = right = -1
    for y in range(canvas.shape[0]):
        for x in range(canvas.shape[1]):
            if canvas[y, x]:
                top, left = min(top, y), min(left, x)
                bottom, right = max(bottom, y), max(right, x)
    return top, left, bottom, right


def frame_list_tests(canvas: np.ndarray) -> tuple[int, ...]:
    rows = canvas.tolist()
    lit = [y for y, row in enumerate(rows) if True in row]
    left = min(row.index(True) for row in rows if True in row)
    right = max(len(row) - 1 - row[::-1].index(True) for row in rows if True in row)
    return lit[0], left, lit[-1], right


def trace_and_template(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    trace = rng.standard_normal(n)
    width = max(2, n // 16)
    at = random.randrange(n - width + 1)
    return trace, trace[at : at + width] + 0.001


def best_offset_windows(trace, template):
    return int(((sliding_window_view(trace, len(template)) - template) ** 2).sum(axis=1).argmin())


def best_offset_expanded(trace, template):
    energy = np.concatenate(([0.0], np.cumsum(trace**2)))
    width = len(template)
    return int((energy[width:] - energy[:-width] - 2 * np.correlate(trace, template, "valid")).argmin())


def best_offset_each(trace, template):
    misfits = [float(np.sum((trace[i : i + len(template)] - template) ** 2)) for i in range(len(trace) - len(template) + 1)]
    return misfits.index(min(misfits))


def best_offset_abandoning(trace, template):
    t, p = trace.tolist(), template.tolist()
    best, where = math.inf, -1
    for i in range(len(t) - len(p) + 1):
        misfit = 0.0
        for j, wanted in enumerate(p):
            misfit += (t[i + j] - wanted) ** 2
            if misfit >= best:
                break
        else:
            best, where = misfit, i
    return where


def picture_and_kernel(n: int, random: Random) -> tuple[Any, ...]:
    side = max(5, round(n**0.5))
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.random((side, side)), rng.random((5, 5))


def filter_shift_and_add(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    h, w = picture.shape[0] - 4, picture.shape[1] - 4
    out = np.zeros((h, w))
    for dy in range(5):
        for dx in range(5):
            out += kernel[dy, dx] * picture[dy : dy + h, dx : dx + w]
    return out


def filter_windows(picture: np.ndarray, kernel: np.ndarray) -> Any:
    return np.einsum("yxij,ij->yx", sliding_window_view(picture, kernel.shape), kernel)


def filter_patches(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    out = np.empty((picture.shape[0] - 4, picture.shape[1] - 4))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = (picture[y : y + 5, x : x + 5] * kernel).sum()
    return out


def filter_spectrum(picture: np.ndarray, kernel: np.ndarray) -> Any:
    turned_kernel = np.zeros_like(picture)
    turned_kernel[:5, :5] = kernel[::-1, ::-1]
    product_spectrum = np.fft.rfft2(picture) * np.fft.rfft2(turned_kernel)
    return np.fft.irfft2(product_spectrum, s=picture.shape)[4:, 4:]


def filter_four_loops(picture: np.ndarray, kernel: np.ndarray) -> list[list[float]]:
    p, k = picture.tolist(), kernel.tolist()
    out = []
    for y in range(len(p) - 4):
        line = []
        for x in range(len(p[0]) - 4):
            acc = 0.0
            for i in range(5):
                for j in range(5):
                    acc += p[y + i][x + j] * k[i][j]
            line.append(acc)
        out.append(line)
    return out


def thumbnail(n: int, random: Random) -> tuple[Any, ...]:
    side = max(2, round((n / 4) ** 0.5))
    return np.random.default_rng(random.randrange(1 << 30)).random((side, side), dtype=np.float32), 3


def enlarge_repeat(small_image: Any, factor: int) -> Any:
    return small_image.repeat(factor, axis=0).repeat(factor, axis=1)


def enlarge_kron(small_image: Any, factor: int) -> Any:
    return np.kron(small_image, np.ones((factor, factor), dtype=small_image.dtype))


def enlarge_indexing(small_image: Any, factor: int) -> Any:
    rows = np.arange(small_image.shape[0] * factor) // factor
    columns = np.arange(small_image.shape[1] * factor) // factor
    return small_image[rows[:, None], columns]


def enlarge_pixels(small_image: Any, factor: int) -> Any:
    h, w = small_image.shape
    out = np.empty((h * factor, w * factor), dtype=small_image.dtype)
    for y in range(h * factor):
        for x in range(w * factor):
            out[y, x] = small_image[y // factor, x // factor]
    return out


def enlarge_lists(small_image: Any, factor: int) -> list[list[float]]:
    out = []
    for row in small_image.tolist():
        wide_row = [v for v in row for _ in range(factor)]
        out += [wide_row] * factor
    return out


def frames_and_joints(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.standard_normal((n, 3, 3)), rng.standard_normal((n, 3))


def transform_each_einsum(frames, joints):
    return np.einsum("nij,nj->ni", frames, joints)


def transform_each_matmul(frames, joints):
    return (frames @ joints[:, :, None])[:, :, 0]


def transform_each_stacked(frames, joints):
    return np.array([frame @ joint for frame, joint in zip(frames, joints, strict=True)])


def transform_each_listed(frames, joints):
    out = []
    for frame, joint in zip(frames.tolist(), joints.tolist(), strict=True):
        out.append([sum(a * b for a, b in zip(row, joint, strict=True)) for row in frame])
    return out


def transform_each_broadcast_sum(frames, joints):
    return (frames * joints[:, None, :]).sum(axis=-1)


def strips(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return ([rng.random((int(width), 8)) for width in rng.integers(1, 6, n)],)


def assemble_concatenate(pieces: list[Any]) -> Any:
    return np.concatenate(pieces)


def assemble_growing(pieces: list[Any]) -> Any:
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = np.vstack((whole, piece))
    return whole


def assemble_preallocated(pieces: list[Any]) -> Any:
    whole = np.empty((sum(len(piece) for piece in pieces), 8))
    at = 0
    for piece in pieces:
        whole[at : at + len(piece)] = piece
        at += len(piece)
    return whole


def assemble_row_lists(pieces: list[Any]) -> Any:
    return np.array([row for piece in pieces for row in piece.tolist()])


def heights_and_areas(n: int, random: Random) -> tuple[Any, ...]:
    side = max(3, round(n**0.5))
    heights = [[random.randrange(50) for _ in range(side)] for _ in range(side)]
    corners = [(random.randrange(side), random.randrange(side)) for _ in range(max(3, n // 10))]
    return heights, [(min(a, b), max(a, b)) for a, b in corners]


def block_volumes_summing(heights: list[list[int]], spans: list[tuple[int, int]]) -> list[int]:
    return [sum(sum(row[a : b + 1]) for row in heights[a : b + 1]) for a, b in spans]


def block_volumes_array(heights: list[list[int]], spans: list[tuple[int, int]]) -> list[int]:
    h = np.array(heights)
    return [int(h[a : b + 1, a : b + 1].sum()) for a, b in spans]


def block_volumes_table(heights: list[list[int]], spans: list[tuple[int, int]]) -> list[int]:
    table_sums = np.zeros((len(heights) + 1, len(heights) + 1), dtype=np.int64)
    table_sums[1:, 1:] = np.cumsum(np.cumsum(np.array(heights), axis=0), axis=1)
    a, b = np.array(spans).T
    found = table_sums[b + 1, b + 1] - table_sums[a, b + 1] - table_sums[b + 1, a] + table_sums[a, a]
    return [int(v) for v in found]


def block_volumes_converting_each(heights: list[list[int]], spans: list[tuple[int, int]]) -> list[int]:
    out = []
    for a, b in spans:
        out.append(int(np.array(heights)[a : b + 1, a : b + 1].sum()))
    return out


FAMILIES = [
    Family(
        "luminance",
        colour_picture,
        (luminance_dot, luminance_channels, luminance_pixels, luminance_lists, luminance_along_axis),
    ),
    Family("equalising", grey_bytes, (equalise_lookup, equalise_counting_each, equalise_searchsorted, equalise_plain)),
    Family("mask-frames", blob, (frame_argwhere, frame_projections, frame_pixel_loop, frame_list_tests)),
    Family(
        "template-offsets",
        trace_and_template,
        (best_offset_windows, best_offset_expanded, best_offset_each, best_offset_abandoning),
        10_000,
    ),
    Family(
        "picture-filters",
        picture_and_kernel,
        (filter_shift_and_add, filter_windows, filter_patches, filter_spectrum, filter_four_loops),
    ),
    Family("enlarging", thumbnail, (enlarge_repeat, enlarge_kron, enlarge_indexing, enlarge_pixels, enlarge_lists)),
    Family(
        "batched-transforms",
        frames_and_joints,
        (transform_each_einsum, transform_each_matmul, transform_each_stacked, transform_each_listed, transform_each_broadcast_sum),
    ),
    Family("assembling-strips", strips, (assemble_concatenate, assemble_growing, assemble_preallocated, assemble_row_lists), 30_000),
    Family(
        "block-volumes",
        heights_and_areas,
        (block_volumes_summing, block_volumes_array, block_volumes_table, block_volumes_converting_each),
    ),
]
