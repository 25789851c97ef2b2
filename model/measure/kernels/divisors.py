"""Divisors, primes, remainders and powers."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def near_square(n: int, random: Random) -> tuple[Any, ...]:
    return (n * (n + random.randrange(5)) * 2,)


def divisors_by_trial(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def divisors_by_pairs(n: int) -> list[int]:
    small, large = [], []
    d = 1
    while d * d <= n:
        if n % d == 0:
            small.append(d)
            if d != n // d:
                large.append(n // d)
        d += 1
    return small + large[::-1]


def divisors_from_factors(n: int) -> list[int]:
    found = [1]
    p = 2
    while n > 1:
        if p * p > n:
            p = n
        powers = [1]
        while n % p == 0:
            n //= p
            powers.append(powers[-1] * p)
        if len(powers) > 1:
            found = [a * b for a in found for b in powers]
        p += 1
    return sorted(found)


def some_numbers(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(2, 400) for _ in range(n)],)


def coprime_pairs_by_gcd(nums: list[int]) -> int:
    return sum(math.gcd(a, b) == 1 for i, a in enumerate(nums) for b in nums[:i])


def coprime_pairs_by_euclid(nums):
    res = 0
    for i in range(len(nums)):
        for j in range(i + 1, len(nums)):
            a, b = nums[i], nums[j]
            while b:
                a, b = b, a % b
            if a == 1:
                res += 1
    return res


def coprime_pairs_by_trial(nums: list[int]) -> int:
    res = 0
    for i in range(len(nums)):
        for j in range(i):
            a, b = nums[i], nums[j]
            if not any(a % d == 0 and b % d == 0 for d in range(2, min(a, b) + 1)):
                res += 1
    return res


def coprime_pairs_by_values(nums: list[int]) -> int:
    seen = sorted(Counter(nums).items())
    pairs = 0
    for i, (a, times) in enumerate(seen):
        for b, others in seen[:i]:
            if math.gcd(a, b) == 1:
                pairs += times * others
    return pairs


def top_number(n: int, random: Random) -> tuple[Any, ...]:
    return (n + 2,)


def totients_by_gcd(top: int) -> list[int]:
    return [sum(1 for j in range(1, k + 1) if math.gcd(j, k) == 1) for k in range(1, top)]


def totients_by_factoring(top: int) -> list[int]:
    def phi(k: int) -> int:
        result, p = k, 2
        while p * p <= k:
            if k % p == 0:
                result -= result // p
                while k % p == 0:
                    k //= p
            p += 1
        return result - result // k if k > 1 else result

    return [phi(k) for k in range(1, top)]


def totients_by_sieve(top: int) -> list[int]:
    phi = list(range(top))
    for p in range(2, top):
        if phi[p] == p:
            for m in range(p, top, p):
                phi[m] -= phi[m] // p
    return phi[1:]


def smallest_factor_sum_trial(n: int) -> int:
    total = 0
    for k in range(2, n):
        d = 2
        while k % d:
            d += 1
        total += d
    return total


def smallest_factor_sum_roots(n: int) -> int:
    total = 0
    for k in range(2, n):
        for d in range(2, math.isqrt(k) + 1):
            if k % d == 0:
                total += d
                break
        else:
            total += k
    return total


def smallest_factor_sum_sieve(n: int) -> int:
    spf = list(range(n))
    for p in range(2, math.isqrt(n) + 1):
        if spf[p] == p:
            for m in range(p * p, n, p):
                if spf[m] == m:
                    spf[m] = p
    return sum(spf[2:])


def lcm_upto_by_gcd(n: int) -> int:
    acc = 1
    for k in range(2, n + 1):
        acc = acc * k // math.gcd(acc, k)
    return acc


def lcm_upto_by_primes(n: int) -> int:
    acc = 1
    composite = [False] * (n + 1)
    for p in range(2, n + 1):
        if not composite[p]:
            for m in range(p * p, n + 1, p):
                composite[m] = True
            q = p
            while q * p <= n:
                q *= p
            acc *= q
    return acc


def lcm_upto_by_exponents(n: int) -> int:
    need: dict[int, int] = {}
    for k in range(2, n + 1):
        p = 2
        while k > 1:
            e = 0
            while k % p == 0:
                k //= p
                e += 1
            if e > need.get(p, 0):
                need[p] = e
            p += 1
    return math.prod(p**e for p, e in need.items())


def power_task(n: int, random: Random) -> tuple[Any, ...]:
    return random.randrange(2, 99), n + random.randrange(3), 1_000_003


def mod_power_loop(base: int, exponent: int, modulus: int) -> int:
    result = 1
    for _ in range(exponent):
        result = result * base % modulus
    return result


def mod_power_at_end(base, exponent, modulus):
    return base**exponent % modulus


def mod_power_squaring(base, exponent, modulus):
    result = 1
    while exponent:
        if exponent & 1:
            result = result * base % modulus
        base = base * base % modulus
        exponent >>= 1
    return result


def mod_power_halves(base, exponent, modulus):
    if exponent == 0:
        return 1
    half = mod_power_halves(base, exponent // 2, modulus)
    return half * half * (base if exponent % 2 else 1) % modulus


def mod_power_builtin(base: int, exponent: int, modulus: int) -> int:
    return pow(base, exponent, modulus)


def even_number(n: int, random: Random) -> tuple[Any, ...]:
    return (2 * n + 4,)


def prime_pairs_trial(total: int) -> int:
    def is_prime(k: int) -> bool:
        return k > 1 and all(k % d for d in range(2, int(k**0.5) + 1))

    return sum(is_prime(p) and is_prime(total - p) for p in range(2, total // 2 + 1))


def prime_pairs_in_list(total):
    primes = []
    for k in range(2, total):
        for p in primes:
            if p * p > k:
                primes.append(k)
                break
            if k % p == 0:
                break
        else:
            primes.append(k)
    return len([p for p in primes if p <= total - p and total - p in primes])


def prime_pairs_sieved(total: int) -> int:
    flags = bytearray(b"\x01") * total
    flags[:2] = b"\0\0"
    for k in range(2, int(total**0.5) + 1):
        if flags[k]:
            flags[k * k :: k] = bytes((total - 1 - k * k) // k + 1)
    return sum(flags[p] & flags[total - p] for p in range(2, total // 2 + 1))


def two_bounds(n: int, random: Random) -> tuple[Any, ...]:
    return n, n * n + 3


def squares_between_each(low: int, high: int) -> int:
    return sum(math.isqrt(x) ** 2 == x for x in range(low, high + 1))


def squares_between_roots(low, high):
    k = amount = 0
    while k * k <= high:
        if k * k >= low:
            amount += 1
        k += 1
    return amount


def squares_between_search(low: int, high: int) -> int:
    squares = [k * k for k in range(math.isqrt(high) + 2)]
    return bisect_right(squares, high) - bisect_left(squares, low)


def squares_between_closed(low: int, high: int) -> int:
    return math.isqrt(high) - math.isqrt(low - 1)


def right_triangles_triple_loop(n: int) -> int:
    res = 0
    for a in range(1, n + 1):
        for b in range(a, n + 1):
            for c in range(b, n + 1):
                if a * a + b * b == c * c:
                    res += 1
    return res


def right_triangles_by_root(n: int) -> int:
    res = 0
    for a in range(1, n + 1):
        for b in range(a, n + 1):
            c = math.isqrt(a * a + b * b)
            if c <= n and c * c == a * a + b * b:
                res += 1
    return res


def right_triangles_by_set(n: int) -> int:
    squares = {c * c for c in range(1, n + 1)}
    return sum(1 for x in squares for y in squares if x < y and x + y in squares)


def right_triangles_generated(n: int) -> int:
    res = 0
    for p in range(2, math.isqrt(n) + 1):
        for q in range(1 + p % 2, p, 2):
            c = p * p + q * q
            if c > n:
                break
            if math.gcd(p, q) == 1:
                res += n // c
    return res


def long_period(n: int, random: Random) -> tuple[Any, ...]:
    q = n + 4
    while decimal_period_mapped(q) != q - 1:
        q += 1
    return (q,)


def decimal_period_listed(q: int) -> int:
    seen: list[int] = []
    r = 1 % q
    while r and r not in seen:
        seen.append(r)
        r = r * 10 % q
    return len(seen) - seen.index(r) if r else 0


def decimal_period_mapped(q: int) -> int:
    first_seen: dict[int, int] = {}
    r, step = 1 % q, 0
    while r:
        if r in first_seen:
            return step - first_seen[r]
        first_seen[r] = step
        r = r * 10 % q
        step += 1
    return 0


def decimal_period_stepping(q):
    while q % 2 == 0:
        q //= 2
    while q % 5 == 0:
        q //= 5
    if q == 1:
        return 0
    k, r = 1, 10 % q
    while r != 1:
        r = r * 10 % q
        k += 1
    return k


FAMILIES = [
    Family("divisor-lists", near_square, (divisors_by_trial, divisors_by_pairs, divisors_from_factors)),
    Family(
        "coprime-pairs",
        some_numbers,
        (coprime_pairs_by_gcd, coprime_pairs_by_euclid, coprime_pairs_by_trial, coprime_pairs_by_values),
    ),
    Family("totients", top_number, (totients_by_gcd, totients_by_factoring, totients_by_sieve)),
    Family("smallest-factors", top_number, (smallest_factor_sum_trial, smallest_factor_sum_roots, smallest_factor_sum_sieve)),
    Family("lcm-upto", top_number, (lcm_upto_by_gcd, lcm_upto_by_primes, lcm_upto_by_exponents), 30_000),
    Family(
        "modular-power",
        power_task,
        (mod_power_loop, mod_power_at_end, mod_power_squaring, mod_power_halves, mod_power_builtin),
    ),
    Family("prime-pairs", even_number, (prime_pairs_trial, prime_pairs_in_list, prime_pairs_sieved)),
    Family(
        "squares-between",
        two_bounds,
        (squares_between_each, squares_between_roots, squares_between_search, squares_between_closed),
    ),
    Family(
        "right-triangles",
        top_number,
        (right_triangles_triple_loop, right_triangles_by_root, right_triangles_by_set, right_triangles_generated),
    ),
    Family("decimal-period", long_period, (decimal_period_listed, decimal_period_mapped, decimal_period_stepping)),
]
