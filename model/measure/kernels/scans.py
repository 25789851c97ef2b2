"""Walks over one list: two pointers, marks, moves and early ends."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from collections import Counter, deque
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def votes(n: int, random: Random) -> tuple[Any, ...]:
    ballots = [7] * (n // 2 + 1) + [random.randrange(n) for _ in range(n - n // 2 - 1)]
    random.shuffle(ballots)
    return (ballots,)


def majority_by_count(ballots: list[int]) -> int | None:
    for candidate in set(ballots):
        if ballots.count(candidate) > len(ballots) // 2:
            return candidate
    return None


def majority_by_counter(ballots: list[int]) -> int | None:
    winner, amount = Counter(ballots).most_common(1)[0]
    return winner if amount > len(ballots) // 2 else None


def majority_by_cancelling(ballots):
    candidate, lead = None, 0
    for b in ballots:
        if lead == 0:
            candidate = b
        lead += 1 if b == candidate else -1
    return candidate if ballots.count(candidate) * 2 > len(ballots) else None


def majority_by_middle(ballots: list[int]) -> int | None:
    middle = sorted(ballots)[len(ballots) // 2]
    return middle if ballots.count(middle) * 2 > len(ballots) else None


def sparse_row(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.choice((0, random.randrange(1, 99))) for _ in range(n)],)


def zeros_last_popping(nums: list[int]) -> list[int]:
    nums = nums.copy()
    i = 0
    for _ in range(len(nums)):
        if nums[i] == 0:
            nums.append(nums.pop(i))
        else:
            i += 1
    return nums


def zeros_last_removing(nums):
    nums = list(nums)
    amount = nums.count(0)
    for _ in range(amount):
        nums.remove(0)
    return nums + [0] * amount


def zeros_last_swapping(nums: list[int]) -> list[int]:
    nums = nums.copy()
    place = 0
    for i in range(len(nums)):
        if nums[i]:
            nums[place], nums[i] = nums[i], nums[place]
            place += 1
    return nums


def zeros_last_filtered(nums: list[int]) -> list[int]:
    kept = [x for x in nums if x]
    return kept + [0] * (len(nums) - len(kept))


def zeros_last_sorted(nums: list[int]) -> list[int]:
    return sorted(nums, key=lambda x: x == 0)


def shift_task(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1000) for _ in range(n)], n // 3 + random.randrange(3)


def rotated_by_insert(arr: list[int], k: int) -> list[int]:
    arr = arr[:]
    for _ in range(k % len(arr)):
        arr.insert(0, arr.pop())
    return arr


def rotated_by_copies(arr: list[int], k: int) -> list[int]:
    for _ in range(k):
        arr = [arr[-1]] + arr[:-1]
    return arr


def rotated_by_slice(arr: list[int], k: int) -> list[int]:
    k %= len(arr)
    return arr[len(arr) - k :] + arr[: len(arr) - k]


def rotated_by_turns(arr, k):
    def turn(a, i, j):
        while i < j:
            a[i], a[j] = a[j], a[i]
            i, j = i + 1, j - 1

    out = list(arr)
    k %= len(out)
    turn(out, 0, len(out) - 1)
    turn(out, 0, k - 1)
    turn(out, k, len(out) - 1)
    return out


def rotated_by_queue(arr: list[int], k: int) -> list[int]:
    ring = deque(arr)
    ring.rotate(k)
    return list(ring)


def tickets_with_gap(n: int, random: Random) -> tuple[Any, ...]:
    numbers = list(range(n + 1))
    numbers.remove(n * 3 // 4)
    random.shuffle(numbers)
    return (numbers,)


def gap_by_lookup(nums: list[int]) -> int:
    return next(i for i in range(len(nums) + 1) if i not in nums)


def gap_by_set(nums: list[int]) -> int:
    present = set(nums)
    for i in range(len(nums) + 1):
        if i not in present:
            return i
    return -1


def gap_by_total(nums: list[int]) -> int:
    return len(nums) * (len(nums) + 1) // 2 - sum(nums)


def gap_by_xor(nums):
    acc = len(nums)
    for i, x in enumerate(nums):
        acc ^= i ^ x
    return acc


def gap_by_order(nums: list[int]) -> int:
    for i, x in enumerate(sorted(nums)):
        if i != x:
            return i
    return len(nums)


def factors_row(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1, 10) for _ in range(n)],)


def others_product_nested(nums: list[int]) -> list[int]:
    out = []
    for i in range(len(nums)):
        p = 1
        for j in range(len(nums)):
            if i != j:
                p = p * nums[j] % 9973
        out.append(p)
    return out


def others_product_sides(nums: list[int]) -> list[int]:
    out = [1] * len(nums)
    p = 1
    for i, x in enumerate(nums):
        out[i] = p
        p = p * x % 9973
    p = 1
    for i in range(len(nums) - 1, -1, -1):
        out[i] = out[i] * p % 9973
        p = p * nums[i] % 9973
    return out


def others_product_divided(nums: list[int]) -> list[int]:
    whole = 1
    for x in nums:
        whole *= x
    return [whole // x % 9973 for x in nums]


def skyline(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(n * 2) + 3 * (n - i) for i in range(n)],)


def sunset_views_any(heights: list[int]) -> list[int]:
    return [h for i, h in enumerate(heights) if not any(other >= h for other in heights[i + 1 :])]


def sunset_views_max(heights: list[int]) -> list[int]:
    return [h for i, h in enumerate(heights) if h > max(heights[i + 1 :], default=-1)]


def sunset_views_backwards(heights):
    views, tallest = [], -1
    for h in reversed(heights):
        if h > tallest:
            views.append(h)
            tallest = h
    return views[::-1]


def sunset_views_stack(heights: list[int]) -> list[int]:
    stack: list[int] = []
    for h in heights:
        while stack and stack[-1] <= h:
            stack.pop()
        stack.append(h)
    return stack


def prices(n: int, random: Random) -> tuple[Any, ...]:
    return ([round(random.uniform(5, 90), 1) for _ in range(n)],)


def best_trade_pairs(quotes: list[float]) -> float:
    best = 0.0
    for buy in range(len(quotes)):
        for sell in range(buy + 1, len(quotes)):
            if quotes[sell] - quotes[buy] > best:
                best = quotes[sell] - quotes[buy]
    return best


def best_trade_tails(quotes: list[float]) -> float:
    return max([0.0] + [max(quotes[i:]) - price for i, price in enumerate(quotes)])


def best_trade_lowest(quotes):
    lowest, best = quotes[0], 0.0
    for q in quotes:
        lowest = min(lowest, q)
        best = max(best, q - lowest)
    return best


def fence_posts(n: int, random: Random) -> tuple[Any, ...]:
    return (tuple(random.randrange(1, 500) for _ in range(n)),)


def widest_pool_pairs(posts: tuple[int, ...]) -> int:
    return max((j - i) * min(posts[i], posts[j]) for i in range(len(posts)) for j in range(i + 1, len(posts)))


def widest_pool_ends(posts):
    i, j, best = 0, len(posts) - 1, 0
    while i < j:
        best = max(best, (j - i) * min(posts[i], posts[j]))
        if posts[i] < posts[j]:
            i += 1
        else:
            j -= 1
    return best


def widest_pool_by_height(posts: tuple[int, ...]) -> int:
    best = 0
    low, high = len(posts), -1
    for i in sorted(range(len(posts)), key=lambda p: posts[p], reverse=True):
        low, high = min(low, i), max(high, i)
        best = max(best, posts[i] * max(i - low, high - i))
    return best


def distinct_tail(n: int, random: Random) -> tuple[Any, ...]:
    return (random.sample(range(n * 8), n) + [random.randrange(n * 8)] * 2,)


def repeat_by_slice(nums: list[int]) -> int:
    for i, x in enumerate(nums):
        if x in nums[:i]:
            return x
    return -1


def repeat_by_seen(nums: list[int]) -> int:
    seen = set()
    for x in nums:
        if x in seen:
            return x
        seen.add(x)
    return -1


def repeat_by_index(nums):
    for i in range(len(nums)):
        if nums.index(nums[i]) != i:
            return nums[i]
    return -1


def plain_row(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(50) for _ in range(n)],)


def ends_by_index(items: list[int]) -> tuple[int, int, int]:
    return items[0], items[len(items) // 2], items[-1]


def ends_by_unpacking(items: list[int]) -> tuple[int, int, int]:
    first, *rest, last = items
    return first, ([first, *rest, last])[len(items) // 2], last


def ends_by_walking(items):
    middle = last = first = None
    for i, item in enumerate(items):
        if first is None:
            first = item
        if i == len(items) // 2:
            middle = item
        last = item
    return first, middle, last


def climb_restarted(items: list[int]) -> int:
    best = 0
    for i in range(len(items)):
        j = i
        while j + 1 < len(items) and items[j + 1] >= items[j]:
            j += 1
        best = max(best, j - i + 1)
    return best


def climb_in_one_pass(items: list[int]) -> int:
    best = run = 1
    for before, after in zip(items, items[1:], strict=False):
        run = run + 1 if after >= before else 1
        best = max(best, run)
    return best


def climb_by_sorting(items: list[int]) -> int:
    best = 1
    for i in range(len(items)):
        while items[i : i + best + 1] == sorted(items[i : i + best + 1]) and i + best < len(items):
            best += 1
    return best


FAMILIES = [
    Family("majority", votes, (majority_by_count, majority_by_counter, majority_by_cancelling, majority_by_middle)),
    Family(
        "zeros-last",
        sparse_row,
        (zeros_last_popping, zeros_last_removing, zeros_last_swapping, zeros_last_filtered, zeros_last_sorted),
    ),
    Family(
        "rotated-list",
        shift_task,
        (rotated_by_insert, rotated_by_copies, rotated_by_slice, rotated_by_turns, rotated_by_queue),
    ),
    Family("number-gap", tickets_with_gap, (gap_by_lookup, gap_by_set, gap_by_total, gap_by_xor, gap_by_order)),
    Family("others-product", factors_row, (others_product_nested, others_product_sides, others_product_divided), 30_000),
    Family("sunset-views", skyline, (sunset_views_any, sunset_views_max, sunset_views_backwards, sunset_views_stack)),
    Family("best-trade", prices, (best_trade_pairs, best_trade_tails, best_trade_lowest)),
    Family("widest-pool", fence_posts, (widest_pool_pairs, widest_pool_ends, widest_pool_by_height)),
    Family("first-repeat", distinct_tail, (repeat_by_slice, repeat_by_seen, repeat_by_index)),
    Family("ends-of-list", plain_row, (ends_by_index, ends_by_unpacking, ends_by_walking)),
    Family("longest-climb", plain_row, (climb_restarted, climb_in_one_pass, climb_by_sorting)),
]
