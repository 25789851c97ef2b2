"""Stencils, image filters and cellular automata on arrays and on lists of lists."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from rlm_lsp.model.measure.kernels import Family


def signal_and_width(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.standard_normal(n), max(1, min(n, n // 20 + 2))


def boxcar_slices(signal: np.ndarray, width: int) -> np.ndarray:
    out = np.empty(len(signal) - width + 1)
    for i in range(len(out)):
        out[i] = signal[i : i + width].mean()
    return out


def boxcar_cumsum(signal: np.ndarray, width: int) -> Any:
    total = np.cumsum(np.insert(signal, 0, 0.0))
    return (total[width:] - total[:-width]) / width


def boxcar_kernel(signal: np.ndarray, width: int) -> np.ndarray:
    return np.convolve(signal, np.ones(width) / width, mode="valid")


def boxcar_nested(signal: np.ndarray, width: int) -> list[float]:
    averages = []
    for start in range(len(signal) - width + 1):
        s = 0.0
        for offset in range(width):
            s += signal[start + offset]
        averages.append(s / width)
    return averages


def boxcar_appended(signal: np.ndarray, width: int) -> np.ndarray:
    result = np.array([])
    current = float(signal[:width].sum())
    result = np.append(result, current / width)
    for i in range(width, len(signal)):
        current += signal[i] - signal[i - width]
        result = np.append(result, current / width)
    return result


def periodic_field(n: int, random: Random) -> tuple[Any, ...]:
    side = max(3, round(n**0.5))
    return (np.random.default_rng(random.randrange(1 << 30)).random((side, side)),)


def laplacian_rolled(u: Any) -> Any:
    return np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1) - 4 * u


def laplacian_padded(u: Any) -> Any:
    p = np.pad(u, 1, mode="wrap")
    return p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * u


def laplacian_cells(u: Any) -> Any:
    rows, cols = u.shape
    lap = np.zeros_like(u)
    for r in range(rows):
        for c in range(cols):
            lap[r, c] = u[r - 1, c] + u[(r + 1) % rows, c] + u[r, c - 1] + u[r, (c + 1) % cols] - 4 * u[r, c]
    return lap


def laplacian_row_at_a_time(u: Any) -> Any:
    lap = []
    for r in range(len(u)):
        row = u[r]
        lap.append(u[r - 1] + u[(r + 1) % len(u)] + np.roll(row, 1) + np.roll(row, -1) - 4 * row)
    return np.vstack(lap)


def grey_picture(n: int, random: Random) -> tuple[Any, ...]:
    width = max(3, round(n**0.5))
    height = max(3, n // width)
    return [[random.randrange(256) for _ in range(width)] for _ in range(height)], 1 + n // 200


def blur_every_neighbour(image: list[list[int]], radius: int) -> list[list[int]]:
    height, width = len(image), len(image[0])
    blurred = []
    for y in range(height):
        line = []
        for x in range(width):
            total = count = 0
            for yy in range(max(0, y - radius), min(height, y + radius + 1)):
                for xx in range(max(0, x - radius), min(width, x + radius + 1)):
                    total += image[yy][xx]
                    count += 1
            line.append(total // count)
        blurred.append(line)
    return blurred


def blur_row_slices(image: list[list[int]], radius: int) -> list[list[int]]:
    height, width = len(image), len(image[0])
    out = [[0] * width for _ in range(height)]
    for y in range(height):
        band = image[max(0, y - radius) : y + radius + 1]
        for x in range(width):
            left, right = max(0, x - radius), min(width, x + radius + 1)
            out[y][x] = sum(sum(row[left:right]) for row in band) // (len(band) * (right - left))
    return out


def blur_integral_image(image: list[list[int]], radius: int) -> list[list[int]]:
    height, width = len(image), len(image[0])
    table = [[0] * (width + 1)]
    for row in image:
        sums = [0, *accumulate(row)]
        table.append([above + s for above, s in zip(table[-1], sums, strict=True)])
    out = []
    for y in range(height):
        top, bottom = table[max(0, y - radius)], table[min(height, y + radius + 1)]
        rows = min(height, y + radius + 1) - max(0, y - radius)
        line = []
        for x in range(width):
            a, b = max(0, x - radius), min(width, x + radius + 1)
            line.append((bottom[b] - bottom[a] - top[b] + top[a]) // (rows * (b - a)))
        out.append(line)
    return out


def tape_and_steps(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(2) for _ in range(n)], 110, max(1, round(n**0.5))


def automaton_lists(tape: list[int], rule: int, steps: int) -> list[int]:
    n = len(tape)
    for _ in range(steps):
        tape = [rule >> (tape[i - 1] << 2 | tape[i] << 1 | tape[(i + 1) % n]) & 1 for i in range(n)]
    return tape


def automaton_arrays(tape: list[int], rule: int, steps: int) -> list[int]:
    lookup = np.array([rule >> k & 1 for k in range(8)])
    cells = np.array(tape)
    for _ in range(steps):
        cells = lookup[4 * np.roll(cells, 1) + 2 * cells + np.roll(cells, -1)]
    return [int(c) for c in cells]


def automaton_text(tape: list[int], rule: int, steps: int) -> list[int]:
    table = {f"{k:03b}": str(rule >> k & 1) for k in range(8)}
    state = "".join(map(str, tape))
    for _ in range(steps):
        ring = state[-1] + state + state[0]
        following = ""
        for i in range(len(state)):
            following += table[ring[i : i + 3]]
        state = following
    return [int(c) for c in state]


def blob_mask(n: int, random: Random) -> tuple[Any, ...]:
    side = max(3, round(n**0.5))
    return (np.random.default_rng(random.randrange(1 << 30)).random((side, side)) < 0.8,)


def erode_shifted(mask: np.ndarray) -> np.ndarray:
    kept = np.zeros_like(mask)
    kept[1:-1, 1:-1] = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return kept


def erode_by_windows(mask: np.ndarray) -> np.ndarray:
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool)
    kept = np.zeros_like(mask)
    kept[1:-1, 1:-1] = (sliding_window_view(mask, (3, 3)) | ~cross).all(axis=(2, 3))
    return kept


def erode_cells(mask: np.ndarray) -> list[list[bool]]:
    rows = mask.tolist()
    h, w = len(rows), len(rows[0])
    return [
        [
            0 < y < h - 1 and 0 < x < w - 1 and rows[y][x] and rows[y - 1][x] and rows[y + 1][x] and rows[y][x - 1] and rows[y][x + 1]
            for x in range(w)
        ]
        for y in range(h)
    ]


def erode_scalar_reads(mask: np.ndarray) -> np.ndarray:
    out = mask.copy()
    h, w = mask.shape
    for y in range(h):
        for x in range(w):
            for dy, dx in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)):
                if not (0 <= y + dy < h and 0 <= x + dx < w and 0 < y < h - 1 and 0 < x < w - 1 and mask[y + dy, x + dx]):
                    out[y, x] = False
                    break
    return out


def rod(n: int, random: Random) -> tuple[Any, ...]:
    return [random.uniform(0.0, 100.0) for _ in range(n)], 0.2, 25


def diffuse_lists(temps: list[float], alpha: float, steps: int) -> list[float]:
    now = temps[:]
    for _ in range(steps):
        nxt = now[:]
        for i in range(1, len(now) - 1):
            nxt[i] = now[i] + alpha * (now[i - 1] - 2 * now[i] + now[i + 1])
        now = nxt
    return now


def diffuse_array(temps: list[float], alpha: float, steps: int) -> list[float]:
    t = np.array(temps)
    for _ in range(steps):
        t[1:-1] += alpha * (t[:-2] - 2 * t[1:-1] + t[2:])
    return list(t)


def diffuse_rebuilt_each_step(temps: list[float], alpha: float, steps: int) -> list[float]:
    values = list(temps)
    for _ in range(steps):
        t = np.array(values)
        middle = t[1:-1] + alpha * np.diff(t, 2)
        values = [values[0], *middle.tolist(), values[-1]]
    return values


def diffuse_matrix(temps: list[float], alpha: float, steps: int) -> list[float]:
    n = len(temps)
    m = np.eye(n)
    for i in range(1, n - 1):
        m[i, i - 1 : i + 2] = alpha, 1 - 2 * alpha, alpha
    t = np.array(temps)
    for _ in range(steps):
        t = m @ t
    return [float(v) for v in t]


def speckled(n: int, random: Random) -> tuple[Any, ...]:
    side = max(3, round(n**0.5))
    return (np.random.default_rng(random.randrange(1 << 30)).integers(0, 256, (side, side), dtype=np.int64),)


def despeckle_windows(img: np.ndarray) -> Any:
    return np.median(sliding_window_view(img, (3, 3)), axis=(2, 3))


def despeckle_loop(img: np.ndarray) -> np.ndarray:
    h, w = img.shape
    out = np.zeros((h - 2, w - 2))
    for y in range(1, h - 1):
        for x in range(1, w - 1):
            out[y - 1, x - 1] = np.median(img[y - 1 : y + 2, x - 1 : x + 2])
    return out


def despeckle_sorted_lists(img: np.ndarray) -> list[list[int]]:
    a = img.tolist()
    result = []
    for y in range(len(a) - 2):
        above, here, below = a[y], a[y + 1], a[y + 2]
        result.append([sorted(above[x : x + 3] + here[x : x + 3] + below[x : x + 3])[4] for x in range(len(here) - 2)])
    return result


def despeckle_stacked(img: np.ndarray) -> Any:
    h, w = img.shape
    layers = [img[dy : h - 2 + dy, dx : w - 2 + dx] for dy in range(3) for dx in range(3)]
    return np.sort(np.stack(layers), axis=0)[4]


def poolable(n: int, random: Random) -> tuple[Any, ...]:
    side = 2 * max(1, round((n / 4) ** 0.5))
    return (np.random.default_rng(random.randrange(1 << 30)).random((side, side, 3), dtype=np.float32),)


def pool_reshaped(image: Any) -> Any:
    h, w, c = image.shape
    return image.reshape(h // 2, 2, w // 2, 2, c).mean(axis=(1, 3))


def pool_strided(image: Any) -> Any:
    return (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 4


def pool_blocks(image: Any) -> Any:
    h, w, c = image.shape
    pooled = np.empty((h // 2, w // 2, c), dtype=image.dtype)
    for i in range(0, h, 2):
        for j in range(0, w, 2):
            pooled[i // 2, j // 2] = image[i : i + 2, j : j + 2].mean(axis=(0, 1))
    return pooled


FAMILIES = [
    Family("boxcar-means", signal_and_width, (boxcar_slices, boxcar_cumsum, boxcar_kernel, boxcar_nested, boxcar_appended), 100_000),
    Family(
        "periodic-laplacian",
        periodic_field,
        (laplacian_rolled, laplacian_padded, laplacian_cells, laplacian_row_at_a_time),
    ),
    Family("blurring", grey_picture, (blur_every_neighbour, blur_row_slices, blur_integral_image), 30_000),
    Family("automaton", tape_and_steps, (automaton_lists, automaton_arrays, automaton_text), 30_000),
    Family("eroding", blob_mask, (erode_shifted, erode_by_windows, erode_cells, erode_scalar_reads)),
    Family("diffusing", rod, (diffuse_lists, diffuse_array, diffuse_rebuilt_each_step, diffuse_matrix), 3_000),
    Family("despeckling", speckled, (despeckle_windows, despeckle_loop, despeckle_sorted_lists, despeckle_stacked), 100_000),
    Family("pooling", poolable, (pool_reshaped, pool_strided, pool_blocks)),
]
