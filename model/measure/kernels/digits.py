"""Digits and bases of whole numbers."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from itertools import count, takewhile
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def long_number(n: int, random: Random) -> tuple[Any, ...]:
    return (random.randrange(10 ** (n - 1), 10**n),)


def additive_root_by_text(number: int) -> int:
    while number > 9:
        number = sum(int(c) for c in str(number))
    return number


def additive_root_by_division(number: int) -> int:
    while number >= 10:
        total = 0
        while number > 0:
            total += number % 10
            number //= 10
        number = total
    return number


def additive_root_closed(number: int) -> int:
    return 1 + (number - 1) % 9 if number else 0


def limit_only(n: int, random: Random) -> tuple[Any, ...]:
    return (n,)


def wide_limit(n: int, random: Random) -> tuple[Any, ...]:
    return (n * 10 + random.randrange(10),)


def power_and_base(n: int, random: Random) -> tuple[Any, ...]:
    return 3**n, random.randrange(5, 17)


def base_digits_front(num, base):
    res = []
    while num:
        res.insert(0, num % base)
        num //= base
    return res


def base_digits_back(num, base):
    res = []
    while num > 0:
        num, rem = divmod(num, base)
        res.append(rem)
    res.reverse()
    return res


def base_digits_from_top(num, base):
    place = 1
    while place * base <= num:
        place *= base
    res = []
    while place:
        res.append(num // place)
        num %= place
        place //= base
    return res


def harshad_by_text(limit):
    return [x for x in range(1, limit + 1) if x % sum(map(int, str(x))) == 0]


def harshad_by_loop(limit: int) -> list[int]:
    result = []
    for x in range(1, limit + 1):
        s, y = 0, x
        while y:
            s += y % 10
            y //= 10
        if x % s == 0:
            result.append(x)
    return result


def harshad_by_table(limit: int) -> list[int]:
    digit_sum = [0] * (limit + 1)
    for x in range(1, limit + 1):
        digit_sum[x] = digit_sum[x // 10] + x % 10
    return [x for x in range(1, limit + 1) if x % digit_sum[x] == 0]


def sevens_in_one_text(n: int) -> int:
    return "".join(str(i) for i in range(1, n + 1)).count("7")


def sevens_each(n: int) -> int:
    cnt = 0
    for i in range(1, n + 1):
        for ch in str(i):
            if ch == "7":
                cnt += 1
    return cnt


def sevens_by_remainders(n: int) -> int:
    cnt = 0
    for i in range(7, n + 1):
        while i > 0:
            if i % 10 == 7:
                cnt += 1
            i //= 10
    return cnt


def sevens_by_place(n: int) -> int:
    total, place = 0, 1
    while place <= n:
        high, low = divmod(n, place * 10)
        total += high * place + min(max(low - 7 * place + 1, 0), place)
        place *= 10
    return total


def mirror_numbers_by_text(limit: int) -> int:
    return sum(i for i in range(limit) if str(i) == str(i)[::-1])


def mirror_numbers_by_turning(limit):
    ans = 0
    for i in range(limit):
        rev, x = 0, i
        while x:
            rev = rev * 10 + x % 10
            x //= 10
        if rev == i:
            ans += i
    return ans


def mirror_numbers_by_halves(limit: int) -> int:
    def mirrored(half: int, odd: bool) -> int:
        text = str(half)
        return int(text + (text[-2::-1] if odd else text[::-1]))

    odd = takewhile(lambda v: v < limit, (mirrored(h, True) for h in count(1)))
    even = takewhile(lambda v: v < limit, (mirrored(h, False) for h in count(1)))
    return sum(odd) + sum(even)


def all_different_by_set(limit: int) -> int:
    return sum(len(set(str(x))) == len(str(x)) for x in range(limit))


def all_different_by_mask(limit: int) -> int:
    good = 0
    for x in range(limit):
        mask = 0
        rest = x
        while True:
            bit = 1 << rest % 10
            if mask & bit:
                break
            mask |= bit
            rest //= 10
            if rest == 0:
                good += 1
                break
    return good


def all_different_by_growing(limit: int) -> int:
    good = 1 if limit > 0 else 0
    layer = [d for d in range(1, 10) if d < limit]
    while layer:
        good += len(layer)
        layer = [x * 10 + d for x in layer for d in range(10) if str(d) not in str(x) and x * 10 + d < limit]
    return good


def self_powers_by_text(top: int) -> list[int]:
    return [i for i in range(1, top) if sum(int(d) ** len(str(i)) for d in str(i)) == i]


def self_powers_by_division(top):
    out = []
    for i in range(1, top):
        k = len(str(i))
        s, t = 0, i
        while t and s <= i:
            s += (t % 10) ** k
            t //= 10
        if t == 0 and s == i:
            out.append(i)
    return out


def self_powers_by_table(top):
    out = []
    powers = [0] * 10
    edge, k = 1, 0
    for i in range(1, top):
        if i == edge:
            k += 1
            edge *= 10
            powers = [d**k for d in range(10)]
        s = 0
        t = i
        while t:
            t, d = divmod(t, 10)
            s += powers[d]
        if s == i:
            out.append(i)
    return out


def digit_text(n: int, random: Random) -> tuple[Any, ...]:
    return "".join(random.choice("123456789") for _ in range(n)), random.randrange(11, 1000)


def remainder_of_whole(text: str, m: int) -> int:
    value = 0
    for c in text:
        value = value * 10 + int(c)
    return value % m


def remainder_step_by_step(text: str, m: int) -> int:
    rem = 0
    for c in text:
        rem = (rem * 10 + ord(c) - 48) % m
    return rem


def remainder_of_powers(text, m):
    return sum(int(c) * 10 ** (len(text) - i - 1) for i, c in enumerate(text)) % m


def remainder_of_small_powers(text: str, m: int) -> int:
    return sum(int(c) * pow(10, len(text) - i - 1, m) for i, c in enumerate(text)) % m


def number_as_list(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.choice((9, 9, 9, 4)) if i else 1 for i in range(n)],)


def plus_one_by_int(digits: list[int]) -> list[int]:
    value = 0
    for d in digits:
        value = 10 * value + d
    value += 1
    out: list[int] = []
    while value:
        out.append(value % 10)
        value //= 10
    return out[::-1]


def plus_one_by_carry(digits: list[int]) -> list[int]:
    out = digits[:]
    i = len(out) - 1
    while i >= 0 and out[i] == 9:
        out[i] = 0
        i -= 1
    if i < 0:
        return [1] + out
    out[i] += 1
    return out


def plus_one_rebuilt(digits):
    out = []
    carry = 1
    for d in reversed(digits):
        carry, r = divmod(d + carry, 10)
        out = [r] + out
    return [carry] + out if carry else out


FAMILIES = [
    Family("digit-root", long_number, (additive_root_by_text, additive_root_by_division, additive_root_closed), 3_000),
    Family("base-digits", power_and_base, (base_digits_front, base_digits_back, base_digits_from_top), 10_000),
    Family("harshad", limit_only, (harshad_by_text, harshad_by_loop, harshad_by_table)),
    Family("sevens", wide_limit, (sevens_in_one_text, sevens_each, sevens_by_remainders, sevens_by_place)),
    Family("mirror-numbers", wide_limit, (mirror_numbers_by_text, mirror_numbers_by_turning, mirror_numbers_by_halves)),
    Family("all-different-digits", limit_only, (all_different_by_set, all_different_by_mask, all_different_by_growing)),
    Family("self-powers", limit_only, (self_powers_by_text, self_powers_by_division, self_powers_by_table)),
    Family(
        "text-remainder",
        digit_text,
        (remainder_of_whole, remainder_step_by_step, remainder_of_powers, remainder_of_small_powers),
        100_000,
    ),
    Family("plus-one", number_as_list, (plus_one_by_int, plus_one_by_carry, plus_one_rebuilt), 100_000),
]
