"""K-Means."""
import torch

from vit import assign


def kmeans(f, k, gen, rounds=12, start=None):
    """features [N, D] -> centroids [k, D]; empty clusters move to points drawn by their squared distance."""
    c = (f[torch.randperm(len(f), generator=gen, device=f.device)[:k]] if start is None else start).clone()
    for r in range(rounds):
        ids = torch.cat([assign(p, c) for p in f.split(16384)])
        far = (f - c[ids]).square().sum(1)
        n = torch.bincount(ids, minlength=k)
        c = torch.where((n > 0)[:, None], torch.zeros_like(c).index_add_(0, ids, f) / n.clamp(min=1)[:, None], c)
        empty = (n < max(2, 0.01 * len(f) / k)).nonzero()[:, 0]
        if len(empty) and r < rounds - 3:
            c[empty] = f[torch.multinomial(far, len(empty), generator=gen)]
    return c

