"""Measures a bundle on held-out faces: PSNR, use of both codebooks, and the Fréchet distance beside that of real halves."""
import argparse
import json

import numpy as np
import scipy.linalg
import torch

from bundle import Bundle
from faces import Faces
from optim import setup


def psnr(a, b):
    return (-10 * (a - b).square().flatten(1).mean(1).log10()).mean().item()


def usage(ids, n):
    p = torch.bincount(ids.flatten(), minlength=n).float()
    q = p[p > 0] / p.sum()
    return dict(used=round((p > 0).float().mean().item(), 4), of=n, perplexity=round(torch.exp(-(q * q.log()).sum()).item(), 1))


def frechet(a, b):
    """Fréchet distance of two sets of features [N, D], float64."""
    a, b = a.double().numpy(), b.double().numpy()
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(ca @ cb).real
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb - 2 * root))


@torch.no_grad()
def features(b, x):
    """-> class tokens of the last block (what the workbench takes for FD-DINOv2) and mean patch features."""
    cls, mean = [], []
    for p in x.split(64):
        h = b.vit.embed(p)
        inner = len(b.vit.blocks) - 2
        for block in b.vit.blocks[:inner]:
            h = block(h)
        mean.append(b.vit.norm(h)[:, 5:].mean(1))
        cls.append(b.vit.norm(b.vit.rest(h))[:, 0])
    return dict(cls=torch.cat(cls), mean=torch.cat(mean))


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--faces', default='faces')
    p.add_argument('--bundle', default='bundle')
    p.add_argument('--samples', type=int, default=1000)
    p.add_argument('--painted', type=int, default=100, help='held-out faces painted by stage 2 for the PSNR')
    p.add_argument('--out', default='measures.json')
    p.add_argument('--skip', default='', help='parts to leave out: codes, paint, frechet')
    p.add_argument('--threads', type=int, default=0)
    a = p.parse_args()
    setup(21, a.threads)
    gen, skip = torch.Generator().manual_seed(21), a.skip.split(',')
    faces, b, out = Faces(a.faces, 'held'), Bundle(a.bundle), {}
    n, styles = a.samples, len(faces.styles)

    def note(k, v):
        out[k] = round(v, 4) if isinstance(v, float) else v
        print(k, out[k], flush=True)
        json.dump(out, open(a.out, 'w'), indent=1)

    x = faces.compose(torch.arange(n))[0]
    if 'codes' not in skip:
        codes = b.codes(x)
        each = torch.tensor([psnr(p, q) for p, q in zip(b.picture(codes).split(1), x.split(1))])
        note('VQGAN, held-out PSNR', each.mean().item())
        note('by style', {s: round(each[faces.classes[:n] == c].mean().item(), 2) for c, s in enumerate(faces.styles)})
        note('clusters', usage(b.tokens(x), len(b.centroids)))
        note('codes', usage(codes, len(b.gan.quantize.embedding.weight)))
    if 'paint' not in skip:
        h = x[:a.painted]
        sem = b.tokens(h)
        note('tokens to picture, AR', psnr(b.paint(sem, gen), h))
        note('tokens to picture, NAR', psnr(b.paint(sem, gen, nar=True), h))
    if 'frechet' not in skip:
        other = faces.compose(torch.arange(n, 2 * n))[0]
        classes = torch.arange(n) % styles
        drawn = b.paint(b.dream(0, gen, classes), gen)
        f, g, s = features(b, x), features(b, other), features(b, drawn)
        for k in f:
            real, fake = frechet(g[k], f[k]), frechet(s[k], f[k])
            note(f'FD, {k} features', dict(samples=round(fake, 3), real_halves=round(real, 3), ratio=round(fake / real, 2)))


if __name__ == '__main__':
    main()
