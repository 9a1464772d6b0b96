# Writes test/fixtures/referee/usage.json: statistics of clusters as NumPy and SciPy have them from the definitions: expected
# mutual information by summing the hypergeometric distribution, intervals of log-ratios from a matrix of images x entries
# and from a bootstrap of images, lifts with effective numbers of images, and divergences of divided sets.
# Run: python3 tools/referee/usage.py > test/fixtures/referee/usage.json   (NumPy 2, SciPy 1.17)
import json
import math

import numpy as np
import scipy.stats as st

CELLS = 16


def expected_information(a, b):
    n = sum(a)
    total = 0.0
    for x in a:
        for y in b:
            for k in range(max(1, x + y - n), min(x, y) + 1):
                total += k / n * math.log(n * k / (x * y)) * st.hypergeom(n, x, y).pmf(k)
    return total


def tokens(random, images, weights):
    """Runs of 1 to 8 equal tokens: cells of an image are not independent."""
    rows = []
    for _ in range(images):
        row = []
        while len(row) < CELLS:
            row += [int(random.choice(len(weights), p=weights))] * int(random.integers(1, 9))
        rows.append(row[:CELLS])
    return np.array(rows)


def counts(rows, k):
    return np.array([[np.sum(row == e) for e in range(k)] for row in rows], float)


def intervals(a, b):
    z = st.norm.ppf(0.975)
    out = []
    for k in range(a.shape[1]):
        x, y = a[:, k], b[:, k]
        if x.sum() + y.sum() == 0:
            out.append(None)
            continue
        usual = ((x**2).sum() + (y**2).sum()) / (x.sum() + y.sum())
        add = usual / 2
        logs, variance = [], 0
        for c, every in ((x, a), (y, b)):
            logs.append(math.log2((c.sum() + add) / (every.sum() + add)))
            variance += (len(c) * np.var(c, ddof=1) + add * usual) / (c.sum() + add) ** 2
        ratio, error = logs[1] - logs[0], math.sqrt(variance) / math.log(2)
        out.append([ratio - z * error, ratio + z * error, error])
    return out


def bootstrap_error(a, b, k, resamples=4000):
    random = np.random.default_rng(1)
    draw = lambda c: c[random.integers(0, len(c), (resamples, len(c))), k].sum(1) / c.sum()
    return float(np.std(np.log2(draw(b) / draw(a)), ddof=1))


def wilson(share, n, z):
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return [middle - half, middle + half]


def divergence(p, q):
    p, q = p / p.sum(), q / q.sum()
    m = (p + q) / 2
    part = lambda x: float(np.sum(np.where(x > 0, x * np.log(np.where(x > 0, x, 1) / np.where(m > 0, m, 1)), 0)))
    return (part(p) + part(q)) / 2, float(np.abs(p - q).sum() / 2)


def floor(a, b, divisions=5):
    raw = np.random.RandomState(0)
    word = lambda: int(raw.randint(0, 2**32, dtype=np.uint32))

    def shuffled(count):
        order = list(range(count))
        for i in range(count - 1, 0, -1):
            j = math.floor(word() / 2**32 * (i + 1))
            order[i], order[j] = order[j], order[i]
        return order

    n = min(len(b), len(a) // 2)
    samples, real = np.zeros(2), np.zeros(2)
    for _ in range(divisions):
        order = shuffled(len(a))
        others = a[order[n:]].sum(0)
        samples += np.array(divergence(others, b[shuffled(len(b))[:n]].sum(0))) / divisions
        real += np.array(divergence(others, a[order[:n]].sum(0))) / divisions
    return {
        "n": n,
        "m": len(a) - n,
        "jensenShannon": {"samples": samples[0], "real": real[0]},
        "totalVariation": {"samples": samples[1], "real": real[1]},
    }


random = np.random.default_rng(7)
K = 6
rows_a = tokens(random, 60, [0.4, 0.2, 0.2, 0.15, 0.05, 0])
rows_b = tokens(random, 25, [0.1, 0.2, 0.2, 0.45, 0.05, 0])
a, b = counts(rows_a, K), counts(rows_b, K)
small, large = [5, 3, 2, 7], [4, 4, 9]
many_a, many_b = random.multinomial(700, np.ones(40) / 40).tolist(), random.multinomial(700, np.ones(25) / 25).tolist()
# Entry 0 in the first set, with classes 0, 1, 2 of images in turn.
labels = np.arange(60) % 3
own = a[:, 0]
effective = own.sum() ** 2 / (own**2).sum()
z = st.norm.ppf(1 - 0.025 / 3)
lifts = []
for label in range(3):
    share = own[labels == label].sum() / own.sum()
    lifts.append([3 * share, *(3 * np.array(wilson(share, effective, z))).tolist()])
print(
    json.dumps(
        {
            "cells": CELLS,
            "entries": K,
            "a": rows_a.ravel().tolist(),
            "b": rows_b.ravel().tolist(),
            "intervals": intervals(a, b),
            "bootstrap": [bootstrap_error(a, b, k) for k in range(4)],
            "lifts": lifts,
            "floor": floor(a, b),
            "information": [
                {"a": x, "b": y, "expected": expected_information(x, y)}
                for x, y in ((small, large), ([17], [4, 13]), (many_a, many_b))
            ],
        }
    )
)
