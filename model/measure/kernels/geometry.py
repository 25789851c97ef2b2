"""Geometry in the plane and on the sphere: polygons, boxes, neighbours, paths and turns."""

from __future__ import annotations

import bisect
import itertools
import math
from collections import defaultdict
from random import Random
from typing import Any

import numpy as np

from rlm_lsp.model.measure.kernels import Family

Point = tuple[float, float]


def ring(n: int, random: Random) -> tuple[Any, ...]:
    corners = []
    for i in range(n):
        r, angle = random.uniform(1.0, 2.0), 2 * math.pi * i / n
        corners.append((r * math.cos(angle), r * math.sin(angle)))
    return (corners,)


def area_shoelace(polygon: list[Point]) -> float:
    twice = 0.0
    for i in range(len(polygon)):
        x0, y0 = polygon[i]
        x1, y1 = polygon[(i + 1) % len(polygon)]
        twice += x0 * y1 - x1 * y0
    return abs(twice) / 2


def area_rolled(polygon: list[Point]) -> float:
    x, y = np.array(polygon).T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def area_cutting_ears(polygon: list[Point]) -> float:
    def signed(points: list[Point]) -> float:
        (ax, ay), (bx, by), (cx, cy) = points[0], points[-2], points[-1]
        return ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) / 2

    total = 0.0
    rest = polygon
    while len(rest) > 2:
        total += signed(rest)
        rest = rest[:-1]
    return abs(total)


def area_shifted_copy(polygon: list[Point]) -> float:
    following = polygon[1:] + polygon[:1]
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(polygon, following, strict=True))) / 2


def fence_and_probes(n: int, random: Random) -> tuple[Any, ...]:
    corners = ring(max(3, round(n**0.5)), random)[0]
    return corners, [(random.uniform(-2, 2), random.uniform(-2, 2)) for _ in range(n)]


def inside_crossing_loop(fence: list[Point], probes: list[Point]) -> list[bool]:
    def contains(x: float, y: float) -> bool:
        odd = False
        j = len(fence) - 1
        for i in range(len(fence)):
            (xi, yi), (xj, yj) = fence[i], fence[j]
            if (yi > y) != (yj > y) and x < (xj - xi) * (y - yi) / (yj - yi) + xi:
                odd = not odd
            j = i
        return odd

    return [contains(x, y) for x, y in probes]


def inside_edge_arrays(fence: list[Point], probes: list[Point]) -> list[bool]:
    p = np.array(probes)
    odd = np.zeros(len(p), dtype=bool)
    for (xi, yi), (xj, yj) in zip(fence, fence[1:] + fence[:1], strict=True):
        straddles = (yi > p[:, 1]) != (yj > p[:, 1])
        if yi != yj:
            odd ^= straddles & (p[:, 0] < (xj - xi) * (p[:, 1] - yi) / (yj - yi) + xi)
    return [bool(b) for b in odd]


def inside_all_at_once(fence: list[Point], probes: list[Point]) -> list[bool]:
    a = np.array(fence)[:, None, :]
    b = np.roll(np.array(fence), -1, axis=0)[:, None, :]
    p = np.array(probes)[None, :, :]
    straddles = (a[..., 1] > p[..., 1]) != (b[..., 1] > p[..., 1])
    crossing = (b[..., 0] - a[..., 0]) * (p[..., 1] - a[..., 1]) / (b[..., 1] - a[..., 1] + 1e-300) + a[..., 0]
    return [bool(k % 2) for k in (straddles & (p[..., 0] < crossing)).sum(axis=0)]


def inside_box_first(fence: list[Point], probes: list[Point]) -> list[bool]:
    left, right = min(x for x, _ in fence), max(x for x, _ in fence)
    low, high = min(y for _, y in fence), max(y for _, y in fence)
    edges = list(zip(fence, fence[1:] + fence[:1], strict=True))
    found = []
    for x, y in probes:
        if not (left <= x <= right and low <= y <= high):
            found.append(False)
            continue
        hits = [xi + (xj - xi) * (y - yi) / (yj - yi) for (xi, yi), (xj, yj) in edges if (yi > y) != (yj > y)]
        found.append(sum(hit > x for hit in hits) % 2 == 1)
    return found


def stars(n: int, random: Random) -> tuple[Any, ...]:
    side = n**0.5
    return [(random.uniform(0, side), random.uniform(0, side)) for _ in range(n)], 1.5


def close_pairs_nested(spots: list[Point], reach: float) -> int:
    count = 0
    for i in range(len(spots)):
        for j in range(i + 1, len(spots)):
            if math.dist(spots[i], spots[j]) <= reach:
                count += 1
    return count


def close_pairs_combinations(spots: list[Point], reach: float) -> int:
    limit = reach * reach
    return sum((ax - bx) ** 2 + (ay - by) ** 2 <= limit for (ax, ay), (bx, by) in itertools.combinations(spots, 2))


def close_pairs_broadcast(spots: list[Point], reach: float) -> int:
    p = np.array(spots)
    gaps = np.linalg.norm(p[:, None, :] - p[None, :, :], axis=-1)
    return int((gaps <= reach).sum() - len(p)) // 2


def close_pairs_cells(spots: list[Point], reach: float) -> int:
    cells: dict[tuple[int, int], list[Point]] = defaultdict(list)
    count = 0
    for x, y in spots:
        cx, cy = int(x // reach), int(y // reach)
        for kx in (cx - 1, cx, cx + 1):
            for ky in (cy - 1, cy, cy + 1):
                count += sum(math.hypot(x - u, y - v) <= reach for u, v in cells.get((kx, ky), ()))
        cells[cx, cy].append((x, y))
    return count


def close_pairs_sweep(spots: list[Point], reach: float) -> int:
    ordered = sorted(spots)
    count = 0
    for i, (x, y) in enumerate(ordered):
        for j in range(i + 1, len(ordered)):
            if ordered[j][0] - x > reach:
                break
            count += math.hypot(ordered[j][0] - x, ordered[j][1] - y) <= reach
    return count


def cloud(n: int, random: Random) -> tuple[Any, ...]:
    return (np.random.default_rng(random.randrange(1 << 30)).standard_normal((n, 2)),)


def diameter_broadcast(pts: np.ndarray) -> float:
    d = pts[:, None] - pts[None]
    return float(np.sqrt((d * d).sum(-1).max()))


def diameter_gram(pts: np.ndarray) -> float:
    sq = (pts**2).sum(1)
    return float(np.sqrt(np.max(sq[:, None] + sq[None, :] - 2 * pts @ pts.T)))


def diameter_scan(pts: np.ndarray) -> float:
    return max(float(np.hypot(*(pts - p).T).max()) for p in pts)


def diameter_of_hull(pts: np.ndarray) -> float:
    ordered = sorted(map(tuple, pts.tolist()))
    rim: list[Any] = []
    for points in (ordered, ordered[::-1]):
        chain: list[Any] = []
        for p in points:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax) > 0:
                    break
                chain.pop()
            chain.append(p)
        rim += chain[:-1]
    return max(math.dist(p, q) for p in rim for q in rim)


def boxes(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    corner = rng.integers(0, 20 * n, (n, 2))
    return (np.hstack((corner, corner + rng.integers(5, 60, (n, 2)))),)


def overlaps_nested(rects: Any) -> int:
    hits = 0
    for i in range(len(rects)):
        for j in range(i):
            a, b = rects[i], rects[j]
            if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                hits += 1
    return hits


def overlaps_tuples(rects: Any) -> int:
    plain = [tuple(r) for r in rects.tolist()]
    return sum(1 for (a, b, c, d), (e, f, g, h) in itertools.combinations(plain, 2) if a < g and e < c and b < h and f < d)


def overlaps_matrix(rects: Any) -> int:
    left, low, right, high = rects.T
    meet = (left[:, None] < right) & (left < right[:, None]) & (low[:, None] < high) & (low < high[:, None])
    return int(np.triu(meet, 1).sum())


def overlaps_active_list(rects: Any) -> int:
    hits = 0
    active: list[list[int]] = []
    for rect in sorted(rects.tolist()):
        active = [other for other in active if other[2] > rect[0]]
        hits += sum(other[1] < rect[3] and rect[1] < other[3] for other in active)
        active.append(rect)
    return hits


def track(n: int, random: Random) -> tuple[Any, ...]:
    lat, lon = 50.0, 8.0
    fixes = []
    for _ in range(n):
        lat, lon = lat + random.gauss(0, 0.01), lon + random.gauss(0, 0.01)
        fixes.append((lat, lon))
    return (fixes,)


def great_circle_loop(fixes: list[Point]) -> float:
    km = 0.0
    for (la, lo), (lb, lp) in zip(fixes, fixes[1:], strict=False):
        a, b = math.radians(la), math.radians(lb)
        h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lp - lo) / 2) ** 2
        km += 2 * 6371.0 * math.asin(math.sqrt(h))
    return km


def great_circle_arrays(fixes: list[Point]) -> float:
    lat, lon = np.radians(np.array(fixes)).T
    h = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    return float((2 * 6371.0 * np.arcsin(np.sqrt(h))).sum())


def great_circle_popping(fixes: list[Point]) -> float:
    way = list(fixes)
    length = 0.0
    while len(way) > 1:
        la, lo = np.radians(way.pop(0))
        lb, lp = np.radians(way[0])
        h = np.sin((lb - la) / 2) ** 2 + np.cos(la) * np.cos(lb) * np.sin((lp - lo) / 2) ** 2
        length += 12742.0 * float(np.arcsin(np.sqrt(h)))
    return length


def shape_and_turn(n: int, random: Random) -> tuple[Any, ...]:
    return np.random.default_rng(random.randrange(1 << 30)).random((n, 2)), random.uniform(0, math.pi)


def rotate_matmul(vertices: np.ndarray, angle: float) -> Any:
    c, s = math.cos(angle), math.sin(angle)
    return vertices @ np.array([[c, s], [-s, c]])


def rotate_complex(vertices: np.ndarray, angle: float) -> np.ndarray:
    turned_points = (vertices[:, 0] + 1j * vertices[:, 1]) * np.exp(1j * angle)
    return np.column_stack((turned_points.real, turned_points.imag))


def rotate_row_loop(vertices: np.ndarray, angle: float) -> np.ndarray:
    out = np.empty_like(vertices)
    for i, (x, y) in enumerate(vertices):
        out[i] = math.cos(angle) * x - math.sin(angle) * y, math.sin(angle) * x + math.cos(angle) * y
    return out


def rotate_stack_growing(vertices: np.ndarray, angle: float) -> np.ndarray:
    r = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    out = np.zeros((0, 2))
    for v in vertices:
        out = np.vstack((out, r @ v))
    return out


def shelves_and_wishes(n: int, random: Random) -> tuple[Any, ...]:
    return sorted(random.uniform(0, 1000) for _ in range(n)), [random.uniform(0, 1000) for _ in range(max(1, n // 5))]


def nearest_gap_scan(shelves: list[float], wishes: list[float]) -> list[float]:
    return [min(abs(s - w) for s in shelves) for w in wishes]


def nearest_gap_bisect(shelves: list[float], wishes: list[float]) -> list[float]:
    gaps = []
    for w in wishes:
        at = bisect.bisect_left(shelves, w)
        gaps.append(min(abs(s - w) for s in shelves[max(0, at - 1) : at + 1]))
    return gaps


def nearest_gap_row_each(shelves: list[float], wishes: list[float]) -> list[float]:
    s = np.array(shelves)
    return [float(np.abs(s - w).min()) for w in wishes]


def nearest_gap_converting_each(shelves: list[float], wishes: list[float]) -> list[float]:
    return [float(np.min(np.abs(np.array(shelves) - w))) for w in wishes]


FAMILIES = [
    Family("polygon-area", ring, (area_shoelace, area_rolled, area_cutting_ears, area_shifted_copy), 100_000),
    Family("inside-fence", fence_and_probes, (inside_crossing_loop, inside_edge_arrays, inside_all_at_once, inside_box_first), 10_000),
    Family(
        "close-pairs",
        stars,
        (close_pairs_nested, close_pairs_combinations, close_pairs_broadcast, close_pairs_cells, close_pairs_sweep),
        1_000,
    ),
    Family("diameter", cloud, (diameter_broadcast, diameter_gram, diameter_scan, diameter_of_hull), 1_000),
    Family("overlapping-boxes", boxes, (overlaps_nested, overlaps_tuples, overlaps_matrix, overlaps_active_list), 3_000),
    Family("great-circle", track, (great_circle_loop, great_circle_arrays, great_circle_popping), 30_000),
    Family("rotating", shape_and_turn, (rotate_matmul, rotate_complex, rotate_row_loop, rotate_stack_growing), 100_000),
    Family(
        "nearest-gap",
        shelves_and_wishes,
        (nearest_gap_scan, nearest_gap_bisect, nearest_gap_row_each, nearest_gap_converting_each),
        100_000,
    ),
]
