# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs
"""Indexes, tries, routes, permissions and other tables that are asked questions; most without type hints."""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def letters_of(random: Random, low: int, high: int) -> str:
    return "".join(random.choice("abcde") for _ in range(random.randrange(low, high)))


def pages_and_terms(n: int, random: Random) -> tuple[Any, ...]:
    documents = [" ".join(letters_of(random, 2, 5) for _ in range(12)) for _ in range(n)]
    return documents, [letters_of(random, 2, 5) for _ in range(15)] + [documents[0].split()[0]]


def hits_by_scanning(documents, terms):
    return {term: [i for i, text in enumerate(documents) if term in text.split()] for term in terms}


def hits_by_index(documents, terms):
    index = defaultdict(list)
    for i, text in enumerate(documents):
        for word in set(text.split()):
            index[word].append(i)
    return {term: index.get(term, []) for term in terms}


def hits_by_wanted_words(documents, terms):
    hits = {term: [] for term in terms}
    for i, text in enumerate(documents):
        for word in dict.fromkeys(text.split()):
            if word in hits:
                hits[word].append(i)
    return hits


def hits_by_padding(documents, terms):
    padded = [f" {text} " for text in documents]
    return {term: [i for i, text in enumerate(padded) if f" {term} " in text] for term in terms}


def dictionary_and_prefix(n: int, random: Random) -> tuple[Any, ...]:
    return sorted({letters_of(random, 3, 10) for _ in range(n)} | {"abcde"}), "ab"


def completions_by_filter(words, prefix):
    return [w for w in words if w.startswith(prefix)][:8]


def completions_by_bisect(words, prefix):
    out = []
    i = bisect.bisect_left(words, prefix)
    while i < len(words) and len(out) < 8 and words[i].startswith(prefix):
        out.append(words[i])
        i += 1
    return out


def completions_by_islice(words, prefix):
    return list(itertools.islice((w for w in words if w[: len(prefix)] == prefix), 8))


def completions_by_trie(words, prefix):
    root = {}
    for word in words:
        node = root
        for c in word:
            node = node.setdefault(c, {})
        node[""] = word
    node = root
    for c in prefix:
        node = node.get(c, {})
    out, stack = [], [node]
    while stack and len(out) < 8:
        top = stack.pop()
        if isinstance(top, str):
            out.append(top)
        else:
            stack.extend(top[c] for c in sorted(top, reverse=True))
    return out


def routes_and_paths(n: int, random: Random) -> tuple[Any, ...]:
    routes = {"/" + "/".join(letters_of(random, 1, 3) for _ in range(random.randrange(1, 4))): i for i in range(n)}
    return routes, ["/" + "/".join(letters_of(random, 1, 3) for _ in range(5)) for _ in range(40)]


def handlers_by_scan(routes: dict[str, int], paths: list[str]) -> list[int]:
    handlers = []
    for path in paths:
        best, handler = "", -1
        for route, number in routes.items():
            if len(route) > len(best) and (path + "/").startswith(route + "/"):
                best, handler = route, number
        handlers.append(handler)
    return handlers


def handlers_by_shortening(routes: dict[str, int], paths: list[str]) -> list[int]:
    handlers = []
    for path in paths:
        while path and path not in routes:
            path = path[: path.rindex("/")]
        handlers.append(routes.get(path, -1))
    return handlers


def handlers_by_longest_first(routes: dict[str, int], paths: list[str]) -> list[int]:
    ordered = sorted(routes, key=len, reverse=True)
    return [next((routes[r] for r in ordered if p == r or p.startswith(r + "/")), -1) for p in paths]


def handlers_by_tree(routes: dict[str, int], paths: list[str]) -> list[int]:
    root: dict[str, Any] = {}
    for route, number in routes.items():
        node = root
        for part in route.split("/")[1:]:
            node = node.setdefault(part, {})
        node["#"] = number
    handlers = []
    for path in paths:
        node, handler = root, -1
        for part in path.split("/")[1:]:
            if part not in node:
                break
            node = node[part]
            handler = node.get("#", handler)
        handlers.append(handler)
    return handlers


def words_and_word(n: int, random: Random) -> tuple[Any, ...]:
    words = sorted({letters_of(random, 6, 7) for _ in range(n)} | {"abcdex"})
    return words, "abcdea"


def neighbours_by_comparing(words, word):
    return [w for w in words if len(w) == len(word) and sum(a != b for a, b in zip(w, word, strict=True)) == 1]


def neighbours_by_variants(words, word):
    known = set(words)
    near = {word[:i] + c + word[i + 1 :] for i in range(len(word)) for c in "abcdefghijklmnopqrstuvwxyz"}
    return sorted((near & known) - {word})


def neighbours_by_early_stop(words, word):
    found = []
    for other in words:
        if len(other) != len(word):
            continue
        differences = 0
        for a, b in zip(other, word, strict=True):
            if a != b:
                differences += 1
                if differences > 1:
                    break
        if differences == 1:
            found.append(other)
    return found


def neighbours_by_gaps(words, word):
    gaps = defaultdict(set)
    for other in words:
        for i in range(len(other)):
            gaps[other[:i], other[i + 1 :]].add(other)
    near = set()
    for i in range(len(word)):
        near |= gaps[word[:i], word[i + 1 :]]
    return sorted(near - {word})


def access_rules(n: int, random: Random) -> tuple[Any, ...]:
    rights = [f"right{i}" for i in range(30)]
    roles = {f"role{i}": random.sample(rights, 8) for i in range(20)}
    users = {f"user{i}": random.sample(sorted(roles), 3) for i in range(n)}
    return roles, users, [(f"user{random.randrange(n + 2)}", random.choice(rights)) for _ in range(n)]


def allowed_by_walking(roles, users, checks):
    verdicts = []
    for user, right in checks:
        verdict = False
        for role in users.get(user, []):
            if right in roles[role]:
                verdict = True
                break
        verdicts.append(verdict)
    return verdicts


def allowed_by_any(roles, users, checks):
    return [any(right in roles[role] for role in users.get(user, ())) for user, right in checks]


def allowed_by_rights_of_user(roles, users, checks):
    granted = {user: {right for role in names for right in roles[role]} for user, names in users.items()}
    return [right in granted.get(user, ()) for user, right in checks]


def allowed_by_listing_pairs(roles, users, checks):
    pairs = [(user, right) for user, names in users.items() for role in names for right in roles[role]]
    return [check in pairs for check in checks]


def code_words(n: int, random: Random) -> tuple[Any, ...]:
    return (list({letters_of(random, 2, 12): None for _ in range(n)}),)


def shadowed_by_pairs(words):
    return sum(1 for w in words if any(other != w and other.startswith(w) for other in words))


def shadowed_by_neighbours(words):
    ordered = sorted(words)
    return sum(1 for a, b in itertools.pairwise(ordered) if b.startswith(a))


def shadowed_by_prefix_set(words):
    heads = set()
    for w in words:
        for end in range(len(w)):
            heads.add(w[:end])
    return len([w for w in words if w in heads])


def shadowed_by_trie(words):
    root = {}
    for w in words:
        node = root
        for c in w:
            node = node.setdefault(c, {})
    count = 0
    for w in words:
        node = root
        for c in w:
            node = node[c]
        count += bool(node)
    return count


def posting_lists(n: int, random: Random) -> tuple[Any, ...]:
    common = random.sample(range(n * 3), max(1, n // 10))
    sizes = (n, n, n // 2 + 1, n // 5 + 1)
    return ([sorted({*common, *(random.randrange(n * 3) for _ in range(size))}) for size in sizes],)


def shared_postings_by_sets(lists: list[list[int]]) -> list[int]:
    return sorted(set(lists[0]).intersection(*lists[1:]))


def shared_postings_by_lists(lists: list[list[int]]) -> list[int]:
    return [number for number in lists[0] if all(number in other for other in lists[1:])]


def shared_postings_by_bisect(lists: list[list[int]]) -> list[int]:
    def holds(numbers: list[int], wanted: int) -> bool:
        at = bisect.bisect_left(numbers, wanted)
        return at < len(numbers) and numbers[at] == wanted

    shortest, *others = sorted(lists, key=len)
    return [number for number in shortest if all(holds(other, number) for other in others)]


def shared_postings_by_steps(lists: list[list[int]]) -> list[int]:
    found = lists[0]
    for other in lists[1:]:
        kept, i, j = [], 0, 0
        while i < len(found) and j < len(other):
            if found[i] == other[j]:
                kept.append(found[i])
                i += 1
                j += 1
            elif found[i] < other[j]:
                i += 1
            else:
                j += 1
        found = kept
    return found


def price_table(n: int, random: Random) -> tuple[Any, ...]:
    prices = {f"item{i}": random.randrange(1, 1000) for i in range(n)}
    return prices, [f"item{n // 2}", f"item{n - 1}", "nothing"]


def bill_by_lookup(prices, basket):
    return sum(prices.get(name, 0) for name in basket)


def bill_by_items(prices, basket):
    owed = 0
    for wanted in basket:
        for name, price in prices.items():
            if name == wanted:
                owed += price
                break
    return owed


def bill_by_copy(prices, basket):
    remaining = dict(prices)
    owed = 0
    for wanted in basket:
        owed += remaining.pop(wanted, 0)
    return owed


def bill_by_key_list(prices, basket):
    names, amounts = list(prices.keys()), list(prices.values())
    return sum(amounts[names.index(wanted)] for wanted in basket if wanted in names)


FAMILIES = [
    Family("term-hits", pages_and_terms, (hits_by_scanning, hits_by_index, hits_by_wanted_words, hits_by_padding), 30_000),
    Family(
        "completions",
        dictionary_and_prefix,
        (completions_by_filter, completions_by_bisect, completions_by_islice, completions_by_trie),
        100_000,
    ),
    Family(
        "route-handlers",
        routes_and_paths,
        (handlers_by_scan, handlers_by_shortening, handlers_by_longest_first, handlers_by_tree),
        30_000,
    ),
    Family(
        "word-neighbours",
        words_and_word,
        (neighbours_by_comparing, neighbours_by_variants, neighbours_by_early_stop, neighbours_by_gaps),
        30_000,
    ),
    Family(
        "access-checks",
        access_rules,
        (allowed_by_walking, allowed_by_any, allowed_by_rights_of_user, allowed_by_listing_pairs),
        30_000,
    ),
    Family("shadowed-words", code_words, (shadowed_by_pairs, shadowed_by_neighbours, shadowed_by_prefix_set, shadowed_by_trie), 30_000),
    Family(
        "shared-postings",
        posting_lists,
        (shared_postings_by_sets, shared_postings_by_lists, shared_postings_by_bisect, shared_postings_by_steps),
        100_000,
    ),
    Family("bills", price_table, (bill_by_lookup, bill_by_items, bill_by_copy, bill_by_key_list), 100_000),
]
