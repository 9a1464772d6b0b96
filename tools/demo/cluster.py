"""K-Means on the encoder's patch features of unmasked pictures; starts from the centroids that training left."""
import argparse

import torch

from optim import setup
from scenes import Scenes
from vit import ViT, assign


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


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--atlas', default='atlas.npz')
    p.add_argument('--encoder', default='encoder.pt')
    p.add_argument('--out', default='encoder_final.pt')
    p.add_argument('--clusters', type=int, default=1024)
    p.add_argument('--pictures', type=int, default=2560)
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=6)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    scenes = Scenes(a.atlas, dev)
    sd = torch.load(a.encoder, map_location=dev)['model']
    start = sd['centroids']
    vit = ViT(start.shape[1]).to(dev)
    vit.load_state_dict({k[4:]: v for k, v in sd.items() if k.startswith('vit.')})
    fs = []
    with torch.no_grad(), torch.autocast(dev, torch.bfloat16):
        for _ in range(a.pictures // 64):
            x, _ = scenes.compose(scenes.pick(64, gen), gen)
            f = vit.features(x).float().reshape(-1, len(start[0]))
            fs.append(f[torch.randperm(len(f), generator=gen, device=dev)[:len(f) // 5]])
    f = torch.cat(fs)
    e = lambda c, ids: ((f - c[ids]).square().sum(1).mean() / f.var(0).sum()).item()
    ids = assign(f, start)
    print('before: used', (torch.bincount(ids, minlength=len(start)) > 0).float().mean().item(), 'error', e(start, ids))
    c = kmeans(f, a.clusters, gen, 14, start if len(start) == a.clusters else None)
    ids = assign(f, c)
    n = torch.bincount(ids, minlength=a.clusters)
    q = n[n > 0] / n.sum()
    print('after: used', (n > 0).float().mean().item(), 'error', e(c, ids), 'perplexity', torch.exp(-(q * q.log()).sum()).item())
    torch.save(dict(vit=vit.state_dict(), centroids=c), a.out)


if __name__ == '__main__':
    main()
