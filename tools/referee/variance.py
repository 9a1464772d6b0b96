# Writes test/fixtures/referee/variance.json: pictures of crossed grids and random numbers, and the variance components of
# their pixels, from the least-squares fit of each model (not from sums of squares as the program has them).
# Run: python3 tools/referee/variance.py > test/fixtures/referee/variance.json   (NumPy 2)
import json

import numpy as np

A, B, SIDE = 4, 3, 2
random = np.random.default_rng(18)
grid = random.normal(0, 40, (A, 1, SIDE * SIDE * 4))
noise = random.normal(0, 10, (1, B, SIDE * SIDE * 4))
pictures = np.clip(np.round(128 + grid + noise + random.normal(0, 5, (A, B, SIDE * SIDE * 4))), 0, 255).astype(int)

a, b = np.repeat(np.arange(A), B), np.tile(np.arange(B), A)
one = np.ones((A * B, 1))
rows, columns = np.eye(A)[a], np.eye(B)[b]


def rss(design, y):
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return ((y - fitted) ** 2).sum(0)


y = pictures.reshape(A * B, -1)[:, np.arange(SIDE * SIDE * 4) % 4 != 3].astype(float)
both = rss(np.hstack([one, rows, columns]), y)
ms_ab = both / ((A - 1) * (B - 1))
ms_a = (rss(np.hstack([one, columns]), y) - both) / (A - 1)
ms_b = (rss(np.hstack([one, rows]), y) - both) / (B - 1)
parts = {"stage1": (ms_a - ms_ab) / B, "stage2": (ms_b - ms_ab) / A, "interaction": ms_ab}
print(
    json.dumps(
        {
            "side": SIDE,
            "grids": A,
            "noises": B,
            "pictures": pictures.reshape(A * B, -1).tolist(),
            "variance": {name: float(part.mean()) for name, part in parts.items()},
            "deviation": {
                name: np.sqrt(np.maximum(0, part)).reshape(-1, 3).mean(1).tolist() for name, part in parts.items()
            },
        }
    )
)
