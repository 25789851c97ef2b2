"""Ways of putting in order, picking by rank, and greedy choices after sorting."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from collections import Counter, deque
from functools import cmp_to_key
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def ages(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(100) for _ in range(n)],)


def ages_counted(ages: list[int]) -> list[int]:
    counts = [0] * 100
    for a in ages:
        counts[a] += 1
    return [a for a in range(100) for _ in range(counts[a])]


def ages_selected(ages):
    arr = list(ages)
    for i in range(len(arr)):
        m = i
        for j in range(i + 1, len(arr)):
            if arr[j] < arr[m]:
                m = j
        arr[i], arr[m] = arr[m], arr[i]
    return arr


def ages_by_value(ages: list[int]) -> list[int]:
    out: list[int] = []
    for value in range(100):
        out.extend([value] * ages.count(value))
    return out


def ages_by_minimum(ages: list[int]) -> list[int]:
    rest = ages[:]
    out = []
    while rest:
        smallest = min(rest)
        rest.remove(smallest)
        out.append(smallest)
    return out


def ticket_numbers(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(10**6) for _ in range(n)],)


def gnome_order(nums: list[int]) -> list[int]:
    arr = nums.copy()
    i = 0
    while i < len(arr):
        if i == 0 or arr[i - 1] <= arr[i]:
            i += 1
        else:
            arr[i], arr[i - 1] = arr[i - 1], arr[i]
            i -= 1
    return arr


def shell_order(nums):
    arr = nums[:]
    gap = len(arr) // 2
    while gap:
        for i in range(gap, len(arr)):
            x, j = arr[i], i
            while j >= gap and arr[j - gap] > x:
                arr[j] = arr[j - gap]
                j -= gap
            arr[j] = x
        gap //= 2
    return arr


def comb_order(nums: list[int]) -> list[int]:
    arr = nums[:]
    gap, swapped = len(arr), True
    while gap > 1 or swapped:
        gap = max(1, gap * 10 // 13)
        swapped = False
        for i in range(len(arr) - gap):
            if arr[i] > arr[i + gap]:
                arr[i], arr[i + gap] = arr[i + gap], arr[i]
                swapped = True
    return arr


def digit_buckets_order(nums: list[int]) -> list[int]:
    arr = nums[:]
    place = 1
    while place <= max(arr, default=0):
        buckets: list[list[int]] = [[] for _ in range(10)]
        for x in arr:
            buckets[x // place % 10].append(x)
        arr = [x for bucket in buckets for x in bucket]
        place *= 10
    return arr


def pairwise_merge_order(nums: list[int]) -> list[int]:
    runs = deque([x] for x in nums)
    while len(runs) > 1:
        runs.append(list(heapq.merge(runs.popleft(), runs.popleft())))
    return runs[0]


def coloured(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.choice((0, 1, 2)) for _ in range(n)],)


def three_colours_swapping(balls: list[int]) -> list[int]:
    arr = balls[:]
    low, mid, high = 0, 0, len(arr) - 1
    while mid <= high:
        if arr[mid] == 0:
            arr[low], arr[mid] = arr[mid], arr[low]
            low += 1
            mid += 1
        elif arr[mid] == 1:
            mid += 1
        else:
            arr[mid], arr[high] = arr[high], arr[mid]
            high -= 1
    return arr


def three_colours_counted(balls):
    return [c for c in (0, 1, 2) for _ in range(balls.count(c))]


def three_colours_pushed(balls: list[int]) -> list[int]:
    out: list[int] = []
    for b in balls:
        if b == 0:
            out.insert(0, b)
        elif b == 2:
            out.append(b)
        else:
            out.insert(out.count(0), b)
    return out


def rank_task(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(10**6) for _ in range(n)], n // 3 + 1


def kth_by_sorting(nums: list[int], k: int) -> int:
    return sorted(nums)[k - 1]


def kth_by_removing(nums: list[int], k: int) -> int:
    nums = nums[:]
    for _ in range(k - 1):
        nums.remove(min(nums))
    return min(nums)


def kth_by_bounded_heap(nums: list[int], k: int) -> int:
    heap: list[int] = []
    for x in nums:
        heapq.heappush(heap, -x)
        if len(heap) > k:
            heapq.heappop(heap)
    return -heap[0]


def kth_by_pivot(nums, k):
    while True:
        pivot = nums[len(nums) // 2]
        low = [x for x in nums if x < pivot]
        same = nums.count(pivot)
        if k <= len(low):
            nums = low
        elif k <= len(low) + same:
            return pivot
        else:
            k -= len(low) + same
            nums = [x for x in nums if x > pivot]


def kth_by_ranks(nums: list[int], k: int) -> int:
    for x in nums:
        smaller = sum(y < x for y in nums)
        if smaller < k <= smaller + nums.count(x):
            return x
    raise ValueError(k)


def children_and_sweets(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1, 900) for _ in range(n)], [random.randrange(1, 900) for _ in range(n * 2 // 3 + 1)]


def content_children_sorted(greed: list[int], sizes: list[int]) -> int:
    greed, sizes = sorted(greed), sorted(sizes)
    child = 0
    for s in sizes:
        if child < len(greed) and greed[child] <= s:
            child += 1
    return child


def content_children_removing(greed, sizes):
    left = list(sizes)
    happy = 0
    for g in sorted(greed):
        fitting = [s for s in left if s >= g]
        if not fitting:
            break
        left.remove(min(fitting))
        happy += 1
    return happy


def content_children_popping(greed: list[int], sizes: list[int]) -> int:
    left = sorted(sizes)
    happy = 0
    for g in sorted(greed):
        i = bisect_left(left, g)
        if i < len(left):
            left.pop(i)
            happy += 1
    return happy


def rafting(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(30, 120) for _ in range(n)], 150


def rafts_two_ends(weights: list[int], limit: int) -> int:
    order = sorted(weights)
    i, j, rafts = 0, len(order) - 1, 0
    while i <= j:
        if order[i] + order[j] <= limit:
            i += 1
        j -= 1
        rafts += 1
    return rafts


def rafts_popping(weights, limit):
    order = sorted(weights)
    rafts = 0
    while order:
        heavy = order.pop()
        if order and order[0] + heavy <= limit:
            order.pop(0)
        rafts += 1
    return rafts


def rafts_by_best_partner(weights: list[int], limit: int) -> int:
    order = sorted(weights)
    rafts = 0
    while order:
        heavy = order.pop()
        partner = bisect_right(order, limit - heavy) - 1
        if partner >= 0:
            del order[partner]
        rafts += 1
    return rafts


def sticks(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1, 1000) for _ in range(n)],)


def joining_cost_heap(lengths: list[int]) -> int:
    heap = lengths[:]
    heapq.heapify(heap)
    cost = 0
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        cost += joined
        heapq.heappush(heap, joined)
    return cost


def joining_cost_sorting(lengths: list[int]) -> int:
    rest = list(lengths)
    cost = 0
    while len(rest) > 1:
        rest.sort(reverse=True)
        joined = rest.pop() + rest.pop()
        cost += joined
        rest.append(joined)
    return cost


def joining_cost_insort(lengths):
    rest = sorted(lengths)
    cost = 0
    while len(rest) > 1:
        joined = rest[0] + rest[1]
        del rest[:2]
        insort(rest, joined)
        cost += joined
    return cost


def joining_cost_two_queues(lengths: list[int]) -> int:
    fresh, joined = deque(sorted(lengths)), deque[int]()

    def smallest() -> int:
        if not joined or (fresh and fresh[0] <= joined[0]):
            return fresh.popleft()
        return joined.popleft()

    cost = 0
    while len(fresh) + len(joined) > 1:
        joined.append(smallest() + smallest())
        cost += joined[-1]
    return cost


def cards(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1, 1000) for _ in range(n)],)


def largest_joined_compared(nums: list[int]) -> str:
    def before(a: str, b: str) -> int:
        return 1 if a + b < b + a else -1

    return "".join(sorted(map(str, nums), key=cmp_to_key(before)))


def largest_joined_bubbled(nums):
    texts = [str(x) for x in nums]
    for i in range(len(texts)):
        for j in range(len(texts) - i - 1):
            if texts[j] + texts[j + 1] < texts[j + 1] + texts[j]:
                texts[j], texts[j + 1] = texts[j + 1], texts[j]
    return "".join(texts)


def largest_joined_stretched(nums: list[int]) -> str:
    return "".join(sorted((str(x) for x in nums), key=lambda s: (s * 6)[:6], reverse=True))


def by_frequency_counting(nums: list[int]) -> list[int]:
    return sorted(nums, key=lambda x: (-nums.count(x), x))


def by_frequency_counter(nums: list[int]) -> list[int]:
    counts = Counter(nums)
    return sorted(nums, key=lambda x: (-counts[x], x))


def by_frequency_buckets(nums: list[int]) -> list[int]:
    buckets: list[list[int]] = [[] for _ in range(len(nums) + 1)]
    for x, k in Counter(nums).items():
        buckets[k].append(x)
    return [x for k in range(len(nums), 0, -1) for x in sorted(buckets[k]) for _ in range(k)]


FAMILIES = [
    Family("ages-in-order", ages, (ages_counted, ages_selected, ages_by_value, ages_by_minimum)),
    Family("tickets-in-order", ticket_numbers, (gnome_order, shell_order, comb_order, digit_buckets_order, pairwise_merge_order)),
    Family("three-colours", coloured, (three_colours_swapping, three_colours_counted, three_colours_pushed)),
    Family("kth-smallest", rank_task, (kth_by_sorting, kth_by_removing, kth_by_bounded_heap, kth_by_pivot, kth_by_ranks)),
    Family("sweets", children_and_sweets, (content_children_sorted, content_children_removing, content_children_popping)),
    Family("rafts", rafting, (rafts_two_ends, rafts_popping, rafts_by_best_partner)),
    Family("joining-sticks", sticks, (joining_cost_heap, joining_cost_sorting, joining_cost_insort, joining_cost_two_queues)),
    Family("largest-joined", cards, (largest_joined_compared, largest_joined_bubbled, largest_joined_stretched)),
    Family("by-frequency", ages, (by_frequency_counting, by_frequency_counter, by_frequency_buckets)),
]
