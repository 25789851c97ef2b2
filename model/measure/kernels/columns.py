"""Columns of numbers: selecting, ranking, masking, converting units, coding, and turning arrays into text and back."""

from __future__ import annotations

import array
import heapq
import io
import math
import re
import struct
from itertools import chain
from operator import itemgetter
from random import Random
from typing import Any

import numpy as np

from rlm_lsp.model.measure.kernels import Family


def big_column(n: int, random: Random) -> tuple[Any, ...]:
    return np.random.default_rng(random.randrange(1 << 30)).permutation(3 * n)[:n], min(n, 12)


def smallest_sort(column: np.ndarray, k: int) -> np.ndarray:
    return np.sort(column)[:k]


def smallest_partition(column: np.ndarray, k: int) -> np.ndarray:
    return np.sort(np.partition(column, k - 1)[:k])


def smallest_heap(column: np.ndarray, k: int) -> list[int]:
    return heapq.nsmallest(k, column.tolist())


def smallest_masking_out(column: np.ndarray, k: int) -> list[int]:
    left = column.copy()
    taken = []
    for _ in range(k):
        taken.append(int(left.min()))
        left = left[left != taken[-1]]
    return taken


def smallest_sorted_scalars(column: np.ndarray, k: int) -> list[int]:
    return sorted(column)[:k]


def sensor_table(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.uniform(-40.0, 50.0, (n, 4)).astype(np.float32), np.float32(30.0)


def hot_rows_mask(readings: np.ndarray, limit: float) -> np.ndarray:
    return readings[(readings > limit).any(axis=1)]


def hot_rows_compress(readings: np.ndarray, limit: float) -> np.ndarray:
    return np.compress(readings.max(axis=1) > limit, readings, axis=0)


def hot_rows_list(readings: np.ndarray, limit: float) -> np.ndarray:
    return np.array([row for row in readings if row.max() > limit])


def hot_rows_stacking(readings: np.ndarray, limit: float) -> np.ndarray:
    kept = np.empty((0, readings.shape[1]), dtype=readings.dtype)
    for row in readings:
        if any(value > limit for value in row):
            kept = np.concatenate((kept, row[None, :]))
    return kept


def hot_rows_deleting(readings: np.ndarray, limit: float) -> np.ndarray:
    kept = readings
    for i in range(len(readings) - 1, -1, -1):
        if readings[i].max() <= limit:
            kept = np.delete(kept, i, axis=0)
    return kept


def fahrenheits(n: int, random: Random) -> tuple[Any, ...]:
    return ([f"{random.uniform(-20, 120):.1f}F" if random.random() < 0.5 else f"{random.uniform(-30, 50):.1f}C" for _ in range(n)],)


def to_celsius_by_suffix(cells: list[str]) -> list[float]:
    out = []
    for cell in cells:
        value = float(cell[:-1])
        out.append(round((value - 32) * 5 / 9 if cell.endswith("F") else value, 2))
    return out


def to_celsius_by_pattern(cells: list[str]) -> list[float]:
    out = []
    for cell in cells:
        found = re.fullmatch(r"(-?\d+\.\d+)([CF])", cell)
        if found is None:
            raise ValueError(cell)
        value = float(found[1])
        out.append(round((value - 32) * 5 / 9 if found[2] == "F" else value, 2))
    return out


def to_celsius_vectorised(cells: list[str]) -> list[float]:
    values = np.array([cell[:-1] for cell in cells]).astype(float)
    unit_is_f = np.char.endswith(np.array(cells), "F")
    return list(np.where(unit_is_f, (values - 32) * 5 / 9, values).round(2))


def to_celsius_growing(cells: list[str]) -> list[float]:
    out: list[float] = []
    for cell in cells:
        number, unit = float(cell[0:-1]), cell[-1]
        out = out + [round({"C": number, "F": (number - 32) * 5 / 9}[unit], 2)]
    return out


def matrix_to_print(n: int, random: Random) -> tuple[Any, ...]:
    side = max(2, round(n**0.5))
    return (np.random.default_rng(random.randrange(1 << 30)).integers(-999, 999, (side, side)),)


def matrix_text_joined(m: Any) -> str:
    return "\n".join(" ".join(f"{v:5d}" for v in row) for row in m.tolist())


def matrix_text_savetxt(m: Any) -> str:
    buffer = io.StringIO()
    np.savetxt(buffer, m, fmt="%5d")
    return buffer.getvalue()[:-1]


def matrix_text_adding(m: Any) -> str:
    text = ""
    for i in range(m.shape[0]):
        line = ""
        for j in range(m.shape[1]):
            line = line + (" " if j else "") + str(m[i, j]).rjust(5)
        text = text + ("\n" if i else "") + line
    return text


def matrix_text_template(m: Any) -> str:
    line = " ".join(["%5d"] * m.shape[1])
    return "\n".join([line] * m.shape[0]) % tuple(m.ravel().tolist())


def number_lines(n: int, random: Random) -> tuple[Any, ...]:
    return ("\n".join(",".join(f"{random.uniform(-9, 9):.3f}" for _ in range(3)) for _ in range(n)),)


def column_sums_split(text: str) -> list[float]:
    sums = [0.0, 0.0, 0.0]
    for line in text.split("\n"):
        for k, cell in enumerate(line.split(",")):
            sums[k] += float(cell)
    return sums


def column_sums_loadtxt(text: str) -> Any:
    return np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2).sum(axis=0)


def column_sums_one_array(text: str) -> Any:
    return np.array(text.replace("\n", ",").split(","), dtype=float).reshape(-1, 3).sum(axis=0)


def column_sums_partition(text: str) -> list[float]:
    sums = [0.0, 0.0, 0.0]
    rest = text
    while rest:
        line, _, rest = rest.partition("\n")
        a, b, c = line.split(",")
        sums = [sums[0] + float(a), sums[1] + float(b), sums[2] + float(c)]
    return sums


def samples_16_bit(n: int, random: Random) -> tuple[Any, ...]:
    return (random.randbytes(2 * n),)


def loudness_frombuffer(raw: bytes) -> float:
    samples = np.frombuffer(raw, dtype="<i2").astype(np.float64)
    return float(np.sqrt((samples**2).mean()))


def loudness_struct_each(raw: bytes) -> float:
    total_square = 0
    for i in range(0, len(raw), 2):
        (sample,) = struct.unpack("<h", raw[i : i + 2])
        total_square += sample * sample
    return float((total_square / (len(raw) // 2)) ** 0.5)


def loudness_iter_unpack(raw: bytes) -> float:
    return float((sum(s * s for (s,) in struct.iter_unpack("<h", raw)) / (len(raw) // 2)) ** 0.5)


def loudness_typed_array(raw: bytes) -> float:
    samples = array.array("h", raw)
    return math.sqrt(sum(s * s for s in samples) / len(samples))


def loudness_eating_bytes(raw: bytes) -> float:
    squares_seen = []
    while raw:
        squares_seen.append(int.from_bytes(raw[:2], "little", signed=True) ** 2)
        raw = raw[2:]
    return math.sqrt(sum(squares_seen) / len(squares_seen))


def flags_array(n: int, random: Random) -> tuple[Any, ...]:
    return (np.random.default_rng(random.randrange(1 << 30)).random(8 * max(1, n // 8)) < 0.5,)


def pack_flags_library(flags: np.ndarray) -> bytes:
    return np.packbits(flags).tobytes()


def pack_flags_weights(flags: np.ndarray) -> bytes:
    return bytes((flags.reshape(-1, 8) @ (1 << np.arange(7, -1, -1))).astype(np.uint8))


def pack_flags_big_number(flags: np.ndarray) -> bytes:
    number = 0
    for flag in flags:
        number = number << 1 | bool(flag)
    return number.to_bytes(len(flags) // 8, "big")


def pack_flags_text(flags: np.ndarray) -> bytes:
    digits_text = "".join("1" if flag else "0" for flag in flags.tolist())
    return bytes(int(digits_text[i : i + 8], 2) for i in range(0, len(digits_text), 8))


def pack_flags_bytes_adding(flags: np.ndarray) -> bytes:
    packed = b""
    for i in range(0, len(flags), 8):
        value = 0
        for flag in flags[i : i + 8]:
            value = 2 * value + int(flag)
        packed += bytes([value])
    return packed


def leaderboard(n: int, random: Random) -> tuple[Any, ...]:
    return ([(f"p{i}", random.randrange(10 * n), random.randrange(5)) for i in range(n)],)


def dense_ranks_distinct_list(rows: list[tuple[str, int, int]]) -> list[int]:
    points_seen = sorted({score for _, score, _ in rows}, reverse=True)
    return [points_seen.index(score) + 1 for _, score, _ in rows]


def dense_ranks_counting_better(rows: list[tuple[str, int, int]]) -> list[int]:
    return [len({other for _, other, _ in rows if other > score}) + 1 for _, score, _ in rows]


def dense_ranks_table(rows: list[tuple[str, int, int]]) -> list[int]:
    scores = map(itemgetter(1), rows)
    place = {score: rank for rank, score in enumerate(sorted(set(scores), reverse=True), 1)}
    return [place[row[1]] for row in rows]


def dense_ranks_unique(rows: list[tuple[str, int, int]]) -> list[int]:
    _, inverse_codes = np.unique(-np.array([score for _, score, _ in rows]), return_inverse=True)
    return [int(code) + 1 for code in inverse_codes]


def ragged(n: int, random: Random) -> tuple[Any, ...]:
    return ([[random.randrange(100) for _ in range(random.randrange(1, 15))] for _ in range(n)], 10)


def padded_rows_filling(rows: list[list[int]], width: int) -> np.ndarray:
    out = np.zeros((len(rows), width), dtype=np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row[:width]
    return out


def padded_rows_lists(rows: list[list[int]], width: int) -> list[list[int]]:
    return [(row + [0] * width)[:width] for row in rows]


def padded_rows_masked(rows: list[list[int]], width: int) -> np.ndarray:
    sizes = np.array([min(len(row), width) for row in rows])
    out = np.zeros((len(rows), width), dtype=np.int64)
    out[np.arange(width) < sizes[:, None]] = list(chain.from_iterable(row[:width] for row in rows))
    return out


def padded_rows_np_pad(rows: list[list[int]], width: int) -> np.ndarray:
    return np.stack([np.pad(np.array(row[:width]), (0, width - min(len(row), width))) for row in rows])


def first_reading(n: int, random: Random) -> tuple[Any, ...]:
    x = np.random.default_rng(random.randrange(1 << 30)).random(n)
    x[n // 10] = 2.0
    return x, 1.0


def first_above_argmax(x: Any, limit: float) -> int:
    return int(np.argmax(x > limit))


def first_above_early_exit(x: Any, limit: float) -> int:
    for i, value in enumerate(x):
        if value > limit:
            return i
    return -1


def first_above_chunks(x: Any, limit: float) -> int:
    for start in range(0, len(x), 256):
        above = np.flatnonzero(x[start : start + 256] > limit)
        if above.size:
            return start + int(above[0])
    return -1


def first_above_all_indices(x: Any, limit: float) -> int:
    return min(i for i in range(len(x)) if x[i] > limit)


def volume(n: int, random: Random) -> tuple[Any, ...]:
    side = max(2, round(n ** (1 / 3)))
    return (np.random.default_rng(random.randrange(1 << 30)).random((side, side, side)),)


def corner_value(block: Any) -> float:
    return float(block[-1, 0, -1])


def corner_of_flat_copy(block: Any) -> float:
    d, h, w = block.shape
    return float(block.flatten()[(d - 1) * h * w + w - 1])


def corner_of_lists(block: Any) -> float:
    return float(block.tolist()[-1][0][-1])


def brightest_ray_max(block: Any) -> list[float]:
    return [float(v) for v in block.max(axis=0).ravel()]


def brightest_ray_loops(block: Any) -> list[float]:
    d, h, w = block.shape
    return [float(max(block[z, y, x] for z in range(d))) for y in range(h) for x in range(w)]


def brightest_ray_slices(block: Any) -> Any:
    best = block[0]
    for slab in block[1:]:
        best = np.maximum(best, slab)
    return best.ravel().tolist()


FAMILIES = [
    Family(
        "smallest-few",
        big_column,
        (smallest_sort, smallest_partition, smallest_heap, smallest_masking_out, smallest_sorted_scalars),
    ),
    Family(
        "hot-rows",
        sensor_table,
        (hot_rows_mask, hot_rows_compress, hot_rows_list, hot_rows_stacking, hot_rows_deleting),
    ),
    Family("to-celsius", fahrenheits, (to_celsius_by_suffix, to_celsius_by_pattern, to_celsius_vectorised, to_celsius_growing), 100_000),
    Family("matrix-text", matrix_to_print, (matrix_text_joined, matrix_text_savetxt, matrix_text_adding, matrix_text_template), 100_000),
    Family("column-sums", number_lines, (column_sums_split, column_sums_loadtxt, column_sums_one_array, column_sums_partition), 100_000),
    Family(
        "loudness",
        samples_16_bit,
        (loudness_frombuffer, loudness_struct_each, loudness_iter_unpack, loudness_typed_array, loudness_eating_bytes),
    ),
    Family(
        "packing-flags",
        flags_array,
        (pack_flags_library, pack_flags_weights, pack_flags_big_number, pack_flags_text, pack_flags_bytes_adding),
    ),
    Family(
        "dense-ranks",
        leaderboard,
        (dense_ranks_distinct_list, dense_ranks_counting_better, dense_ranks_table, dense_ranks_unique),
        100_000,
    ),
    Family("padding-rows", ragged, (padded_rows_filling, padded_rows_lists, padded_rows_masked, padded_rows_np_pad), 30_000),
    Family("first-above", first_reading, (first_above_argmax, first_above_early_exit, first_above_chunks, first_above_all_indices)),
    Family("volume-corner", volume, (corner_value, corner_of_flat_copy, corner_of_lists)),
    Family("brightest-ray", volume, (brightest_ray_max, brightest_ray_loops, brightest_ray_slices)),
]
