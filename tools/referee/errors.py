# Writes test/fixtures/referee/errors.json: errors, floors and limits as NumPy and SciPy compute them from the
# definitions, on features from the formula of test/engine/metrics/formula.ts.
# Run: python3 tools/referee/errors.py > test/fixtures/referee/errors.json   (NumPy 2, SciPy 1.17)
import importlib.util
import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import scipy.stats as st

METRICS = Path(__file__).parents[2] / "test/fixtures/metrics/make.py"
stdout, sys.stdout = sys.stdout, open(os.devnull, "w")
spec = importlib.util.spec_from_file_location("metrics", METRICS)
metrics = importlib.util.module_from_spec(spec)
spec.loader.exec_module(metrics)
sys.stdout = stdout
features, frechet = metrics.features, metrics.frechet_from_features


def jackknife(without):
    without = np.asarray(without)
    n = len(without)
    return math.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())


def kid(x, y):
    """The unbiased estimator over all pairs: Binkowski et al. 2018, equation 4."""
    k = lambda a, b: (a @ b.T / x.shape[1] + 1) ** 3
    n, m = len(x), len(y)
    xx, yy = k(x, x), k(y, y)
    return (
        (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1)) - 2 * k(x, y).mean()
    )


def frechet_to(mean, cov, x):
    """To a Gaussian, by the symmetric root."""
    values, vectors = np.linalg.eigh(cov)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    own = np.cov(x, rowvar=False)
    middle = np.linalg.eigvalsh(root @ own @ root)
    return float(((x.mean(0) - mean) ** 2).sum() + np.trace(own) + np.trace(cov) - 2 * np.sqrt(np.maximum(middle, 0)).sum())


def confidence(x, reference, groups=10, divisions=5):
    mean, cov = reference.mean(0), np.cov(reference, rowvar=False)
    number = np.arange(len(x)) % groups
    distance = lambda chosen: frechet_to(mean, cov, x[np.isin(number, chosen)])
    everyone = list(range(groups))
    without = [distance([g for g in everyone if g != left]) for left in everyone]
    random, seen, halves = np.random.RandomState(0), set(), []
    while len(seen) < divisions:
        order = random.permutation(groups)
        half, rest = sorted(order[: groups // 2].tolist()), sorted(order[groups // 2 :].tolist())
        name = tuple(half if half[0] == 0 else rest)
        if name not in seen:
            seen.add(name)
            halves.append((distance(half) + distance(rest)) / 2)
    whole = distance(everyone)
    counts = [round(len(x) / 2), round(len(x) * (groups - 1) / groups), len(x)]
    distances = [float(np.mean(halves)), float(np.mean(without)), whole]
    slope, intercept = np.polyfit(1 / np.array(counts), distances, 1)
    error = jackknife(without)
    choice = np.std(halves, ddof=1) / math.sqrt(divisions)
    return {
        "error": error,
        "counts": counts,
        "distances": distances,
        "limit": float(intercept),
        "limitError": math.hypot(error, choice),
    }


def class_distance(own, real, divisions=5):
    n = min(len(own), len(real) // 2)
    random = np.random.RandomState(0)
    samples, floor = [], []
    for _ in range(divisions):
        order = random.permutation(len(real))
        drawn = own[random.choice(len(own), n, replace=False)]
        samples.append(frechet(drawn, real[order[n:]]))
        floor.append(frechet(real[order[:n]], real[order[n:]]))
    return {"n": n, "m": len(real) - n, "samples": float(np.mean(samples)), "real": float(np.mean(floor))}


x, y = features(40, 12, 1001, 0, 1), features(30, 12, 2002, 0.03, 1.1)
without_x = [kid(np.delete(x, i, 0), y) for i in range(len(x))]
without_y = [kid(x, np.delete(y, j, 0)) for j in range(len(y))]
wilson = lambda k, n: st.binomtest(k, n).proportion_ci(method="wilson")

json.dump(
    {
        "kernel": {"value": float(kid(x, y)), "error": math.hypot(jackknife(without_x), jackknife(without_y))},
        "confidence5000": confidence(features(5000, 12, 1001, 0, 1), features(600, 12, 2002, 0.03, 1.1)),
        "confidence400": confidence(features(400, 12, 1001, 0, 1), features(600, 12, 2002, 0.03, 1.1)),
        "classOf14": class_distance(features(14, 12, 1001, 0, 1), features(30, 12, 2002, 0.03, 1.1)),
        "classOf40": class_distance(features(40, 12, 1001, 0, 1), features(30, 12, 2002, 0.03, 1.1)),
        "wilson": [
            [k, n, wilson(k, n).low, wilson(k, n).high, math.sqrt(k / n * (1 - k / n) / n)]
            for k, n in ((0, 20), (20, 20), (57, 64), (80, 108))
        ],
        "student": [[p, df, float(st.t.ppf(p, df))] for p in (0.975, 0.6, 0.005) for df in (1, 2, 3, 9, 10, 19)],
    },
    sys.stdout,
)
print()
