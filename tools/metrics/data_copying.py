"""C_T, Z_U and AuthPct by the code of casey-meehan/data-copying and dgm-eval, for rows that are a formula: the values in
test/engine/metrics/data-copying.test.ts. Cells are given, since K-Means of scikit-learn starts elsewhere.

pip install numpy scipy; python tools/metrics/data_copying.py
With three files of features (training, held-out, samples), as test/engine/runs/evaluation/memorization.test.ts writes them
to DIGIT_FEATURES: the values of that test. Cells are then found by Lloyd's iterations from three of the training rows.
"""
import sys

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu


def rows(n, shift, apart):
    """Three groups far apart, so that every K-Means finds the same cells."""
    i, j = np.meshgrid(np.arange(n), np.arange(4), indexing="ij")
    values = np.sin(i * 12.9898 + j * 78.233 + shift) + 40 * ((i % 3) == j)
    return (values * apart).astype(np.float32).astype(np.float64)


T, P, Q = rows(90, 0, 1), rows(60, 1, 1), rows(120, 2, 1)
Q[:40] = T[:40] + 0.01  # copies, nearly
Q = Q.astype(np.float32).astype(np.float64)


def z_u(q, p, t):
    a, b = cdist(q, t).min(1), cdist(p, t).min(1)
    n, m = len(b), len(a)
    u, _ = mannwhitneyu(a, b, alternative="less")
    return (u - (n * m / 2 - 0.5)) / np.sqrt(n * m * (n + m + 1) / 12)


cell = lambda x: np.argmax(x[:, :3], axis=1)
scores = [z_u(Q[cell(Q) == c], P[cell(P) == c], T[cell(T) == c]) for c in range(3)]
weights = [np.sum(cell(P) == c) for c in range(3)]
print("C_T", repr(float(np.dot(scores, weights) / np.sum(weights))), "cells of Q", [int(np.sum(cell(Q) == c)) for c in range(3)])
print("Z_U of [1,2,2,5] against [2,3,4]", repr(float(
    (mannwhitneyu([1, 2, 2, 5], [2, 3, 4], alternative="less")[0] - (12 / 2 - 0.5)) / np.sqrt(12 * 8 / 12))))


def authpct(train, gen):
    real = cdist(train, train)
    np.fill_diagonal(real, np.inf)
    d = cdist(train, gen)
    return 100 * np.mean(real.min(0)[d.argmin(0)] < d.min(0))


print("AuthPct of samples and of held-out", authpct(T, Q), authpct(T, P))


def measured(train, held, gen):
    centers = train[np.random.RandomState(0).choice(len(train), 3, replace=False)].astype(np.float32).astype(np.float64)
    before = None
    for _ in range(50):
        of = cdist(train, centers).argmin(1)
        if before is not None and (of == before).all():
            break
        before = of
        centers = np.stack([train[of == c].mean(0) for c in range(3)]).astype(np.float32).astype(np.float64)
    of = [cdist(rows, centers).argmin(1) for rows in (train, held, gen)]
    used = [c for c in range(3) if (of[2] == c).sum() > 20 and (of[1] == c).any() and (of[0] == c).any()]
    scores = [z_u(gen[of[2] == c], held[of[1] == c], train[of[0] == c]) for c in used]
    weights = [np.sum(of[1] == c) for c in used]
    return {"cells": len(used), "sizes": [np.bincount(one, minlength=3).tolist() for one in of],
            "C_T": float(np.dot(scores, weights) / np.sum(weights)),
            "AuthPct": authpct(train, gen), "held out": authpct(train, held)}


if len(sys.argv) == 4:
    print(measured(*[np.load(path).astype(np.float64) for path in sys.argv[1:]]))
