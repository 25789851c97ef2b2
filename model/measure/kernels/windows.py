"""Subarrays, sliding windows and prefix sums."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict, deque
from itertools import accumulate
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def values_and_width(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(-50, 100) for _ in range(n)], n // 4 + 1


def best_window_slices(nums: list[int], k: int) -> int:
    return max(sum(nums[i : i + k]) for i in range(len(nums) - k + 1))


def best_window_rolling(nums: list[int], k: int) -> int:
    window = sum(nums[:k])
    best = window
    for i in range(k, len(nums)):
        window += nums[i] - nums[i - k]
        if window > best:
            best = window
    return best


def best_window_prefix(nums, k):
    prefix = [0]
    for x in nums:
        prefix.append(prefix[-1] + x)
    return max(prefix[i + k] - prefix[i] for i in range(len(nums) - k + 1))


def values_and_target(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(-9, 10) for _ in range(n)], random.randrange(-6, 7)


def ranges_with_sum_triple(arr, target):
    n = len(arr)
    cnt = 0
    for i in range(n):
        for j in range(i, n):
            if sum(arr[i : j + 1]) == target:
                cnt += 1
    return cnt


def ranges_with_sum_double(arr: list[int], target: int) -> int:
    cnt = 0
    for i in range(len(arr)):
        s = 0
        for x in arr[i:]:
            s += x
            cnt += s == target
    return cnt


def ranges_with_sum_counted(arr: list[int], target: int) -> int:
    seen: defaultdict[int, int] = defaultdict(int)
    seen[0] = 1
    s = cnt = 0
    for x in arr:
        s += x
        cnt += seen[s - target]
        seen[s] += 1
    return cnt


def kinds_and_limit(n: int, random: Random) -> tuple[Any, ...]:
    return [random.choice(("fig", "pear", "plum", "lime", "kiwi", "date")) for _ in range(n)], 3


def longest_few_kinds_sets(fruits: list[str], k: int) -> int:
    best = 0
    for i in range(len(fruits)):
        for j in range(i + 1, len(fruits) + 1):
            if len(set(fruits[i:j])) <= k:
                best = max(best, j - i)
    return best


def longest_few_kinds_break(fruits: list[str], k: int) -> int:
    best = 0
    for i in range(len(fruits)):
        basket = set()
        for j in range(i, len(fruits)):
            basket.add(fruits[j])
            if len(basket) > k:
                break
            best = max(best, j - i + 1)
    return best


def longest_few_kinds_moving(fruits: list[str], k: int) -> int:
    inside: Counter[str] = Counter()
    left = best = 0
    for right, fruit in enumerate(fruits):
        inside[fruit] += 1
        while len(inside) > k:
            inside[fruits[left]] -= 1
            if not inside[fruits[left]]:
                del inside[fruits[left]]
            left += 1
        best = max(best, right - left + 1)
    return best


def positives_and_goal(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1, 40) for _ in range(n)], n * 4


def shortest_reaching_nested(nums, goal):
    best = 0
    for i in range(len(nums)):
        total = 0
        for j in range(i, len(nums)):
            total += nums[j]
            if total >= goal:
                if best == 0 or j - i + 1 < best:
                    best = j - i + 1
                break
    return best


def shortest_reaching_by_length(nums: list[int], goal: int) -> int:
    for length in range(1, len(nums) + 1):
        for start in range(len(nums) - length + 1):
            if sum(nums[start : start + length]) >= goal:
                return length
    return 0


def shortest_reaching_bisect(nums: list[int], goal: int) -> int:
    prefix = list(accumulate(nums, initial=0))
    best = len(nums) + 1
    for i, before in enumerate(prefix):
        j = bisect_left(prefix, before + goal)
        if j < len(prefix):
            best = min(best, j - i)
    return best if best <= len(nums) else 0


def shortest_reaching_two_ends(nums: list[int], goal: int) -> int:
    left = total = 0
    best = len(nums) + 1
    for right, x in enumerate(nums):
        total += x
        while total >= goal:
            best = min(best, right - left + 1)
            total -= nums[left]
            left += 1
    return 0 if best > len(nums) else best


def many_ranges(n: int, random: Random) -> tuple[Any, ...]:
    data = [random.randrange(100) for _ in range(n)]
    return data, [tuple(sorted((random.randrange(n), random.randrange(n)))) for _ in range(n // 3 + 1)]


def few_ranges(n: int, random: Random) -> tuple[Any, ...]:
    data = [random.randrange(100) for _ in range(n)]
    return data, [tuple(sorted((random.randrange(n), random.randrange(n)))) for _ in range(5)]


def range_sums_sliced(data: list[int], queries: list[tuple[int, int]]) -> list[int]:
    return [sum(data[a : b + 1]) for a, b in queries]


def range_sums_indexed(data, queries):
    answers = []
    for left, right in queries:
        s = 0
        for i in range(left, right + 1):
            s += data[i]
        answers.append(s)
    return answers


def range_sums_prefixed(data: list[int], queries: list[tuple[int, int]]) -> list[int]:
    prefix = [0, *accumulate(data)]
    return [prefix[b + 1] - prefix[a] for a, b in queries]


def range_sums_blocked(data: list[int], queries: list[tuple[int, int]]) -> list[int]:
    size = int(len(data) ** 0.5) + 1
    blocks = [sum(data[i : i + size]) for i in range(0, len(data), size)]
    answers = []
    for a, b in queries:
        s, i = 0, a
        while i <= b:
            if i % size == 0 and i + size - 1 <= b:
                s += blocks[i // size]
                i += size
            else:
                s += data[i]
                i += 1
        answers.append(s)
    return answers


def few_range_minima_sliced(data: list[int], queries: list[tuple[int, int]]) -> list[int]:
    return [min(data[a : b + 1]) for a, b in queries]


def few_range_minima_looped(data, queries):
    res = []
    for a, b in queries:
        low = data[a]
        for x in data[a:b]:
            low = min(low, x)
        res.append(min(low, data[b]))
    return res


def few_range_minima_table(data: list[int], queries: list[tuple[int, int]]) -> list[int]:
    levels = [data]
    step = 1
    while 2 * step <= len(data):
        last = levels[-1]
        levels.append([min(x, y) for x, y in zip(last, last[step:], strict=False)])
        step *= 2
    found = []
    for a, b in queries:
        k = (b - a + 1).bit_length() - 1
        found.append(min(levels[k][a], levels[k][b - (1 << k) + 1]))
    return found


def flips_task(n: int, random: Random) -> tuple[Any, ...]:
    return "".join(random.choice("0111") for _ in range(n)), 4


def longest_flipped_run_nested(bits: str, flips: int) -> int:
    best = 0
    for i in range(len(bits)):
        for j in range(i, len(bits)):
            if bits[i : j + 1].count("0") > flips:
                break
            best = max(best, j - i + 1)
    return best


def longest_flipped_run_window(bits: str, flips: int) -> int:
    left = zeros = best = 0
    for right, b in enumerate(bits):
        if b == "0":
            zeros += 1
        while zeros > flips:
            zeros -= bits[left] == "0"
            left += 1
        best = max(best, right - left + 1)
    return best


def longest_flipped_run_zeros(bits: str, flips: int) -> int:
    places = [-1] + [i for i, b in enumerate(bits) if b == "0"] + [len(bits)]
    if len(places) - 2 <= flips:
        return len(bits)
    return max(places[i + flips + 1] - places[i] - 1 for i in range(len(places) - flips - 1))


def noisy_series(n: int, random: Random) -> tuple[Any, ...]:
    return [round(random.uniform(0, 50), 2) for _ in range(n)], min(n, 2 * (n // 20) + 1)


def moving_middle_sorted(series: list[float], width: int) -> list[float]:
    return [sorted(series[i : i + width])[width // 2] for i in range(len(series) - width + 1)]


def moving_middle_kept(series: list[float], width: int) -> list[float]:
    held = sorted(series[:width])
    result = [held[width // 2]]
    for i in range(width, len(series)):
        held.pop(bisect_left(held, series[i - width]))
        insort(held, series[i])
        result.append(held[width // 2])
    return result


def moving_middle_removed(series, width):
    held = list(series[:width])
    held.sort()
    result = [held[width // 2]]
    for old, new in zip(series, series[width:], strict=False):
        held.remove(old)
        held.append(new)
        held.sort()
        result.append(held[width // 2])
    return result


def spread_slices(series: list[float], width: int) -> list[float]:
    return [max(series[i : i + width]) - min(series[i : i + width]) for i in range(len(series) - width + 1)]


def spread_queues(series: list[float], width: int) -> list[float]:
    low: deque[int] = deque()
    high: deque[int] = deque()
    out = []
    for i, x in enumerate(series):
        while low and series[low[-1]] >= x:
            low.pop()
        while high and series[high[-1]] <= x:
            high.pop()
        low.append(i)
        high.append(i)
        if low[0] == i - width:
            low.popleft()
        if high[0] == i - width:
            high.popleft()
        if i >= width - 1:
            out.append(series[high[0]] - series[low[0]])
    return out


def spread_sorted_window(series, width):
    out = []
    window = []
    for i, x in enumerate(series):
        insort(window, x)
        if len(window) > width:
            del window[bisect_right(window, series[i - width]) - 1]
        if len(window) == width:
            out.append(window[-1] - window[0])
    return out


def balance_task(n: int, random: Random) -> tuple[Any, ...]:
    half = [random.randrange(1, 30) for _ in range(n)]
    return ([*half, 7, *half[::-1]],)


def balance_point_sums(weights: list[int]) -> int:
    for i in range(len(weights)):
        if sum(weights[:i]) == sum(weights[i + 1 :]):
            return i
    return -1


def balance_point_running(weights: list[int]) -> int:
    total, left = sum(weights), 0
    for i, w in enumerate(weights):
        if left == total - left - w:
            return i
        left += w
    return -1


def balance_point_two_lists(weights):
    from_left = [0] + list(accumulate(weights))
    from_right = list(accumulate(reversed(weights)))[::-1] + [0]
    for i in range(len(weights)):
        if from_left[i] == from_right[i + 1]:
            return i
    return -1


FAMILIES = [
    Family("best-window", values_and_width, (best_window_slices, best_window_rolling, best_window_prefix)),
    Family("ranges-with-sum", values_and_target, (ranges_with_sum_triple, ranges_with_sum_double, ranges_with_sum_counted)),
    Family("few-kinds", kinds_and_limit, (longest_few_kinds_sets, longest_few_kinds_break, longest_few_kinds_moving)),
    Family(
        "shortest-reaching",
        positives_and_goal,
        (shortest_reaching_nested, shortest_reaching_by_length, shortest_reaching_bisect, shortest_reaching_two_ends),
    ),
    Family("range-sums", many_ranges, (range_sums_sliced, range_sums_indexed, range_sums_prefixed, range_sums_blocked), 100_000),
    Family("few-range-minima", few_ranges, (few_range_minima_sliced, few_range_minima_looped, few_range_minima_table), 100_000),
    Family("flipped-runs", flips_task, (longest_flipped_run_nested, longest_flipped_run_window, longest_flipped_run_zeros)),
    Family("moving-middle", noisy_series, (moving_middle_sorted, moving_middle_kept, moving_middle_removed), 100_000),
    Family("window-spread", noisy_series, (spread_slices, spread_queues, spread_sorted_window), 100_000),
    Family("balance-point", balance_task, (balance_point_sums, balance_point_running, balance_point_two_lists), 100_000),
]
