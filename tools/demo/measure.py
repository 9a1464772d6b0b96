"""Measures a bundle, and an earlier one beside it: PSNR, linear classifier, token statistics, Fréchet distance."""
import argparse
import glob
import json
import os

import numpy as np
import scipy.linalg
import torch
import torch.nn.functional as F
from PIL import Image

from bundle import Bundle
from optim import setup
from scenes import Scenes


def psnr(a, b):
    return (-10 * (a - b).square().flatten(1).mean(1).log10()).mean().item()


@torch.autocast('cpu', enabled=False)
def linear(train, labels, test, test_labels, l2):
    """Standardised multinomial logistic regression -> accuracy on the test set."""
    mean, std = train.mean(0), train.std(0) + 1e-5
    train, test = (train - mean) / std, (test - mean) / std
    w = torch.zeros(train.shape[1], 9, requires_grad=True)
    b = torch.zeros(9, requires_grad=True)
    opt = torch.optim.LBFGS([w, b], max_iter=60, line_search_fn='strong_wolfe')

    def loss():
        opt.zero_grad()
        v = F.cross_entropy(train @ w + b, labels) + l2 * w.square().sum()
        v.backward()
        return v

    opt.step(loss)
    return ((test @ w + b).argmax(1) == test_labels).float().mean().item()


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


def read_images(root):
    files = sorted(glob.glob(f'{root}/images/*/*.png'))
    x = np.stack([np.asarray(Image.open(f).convert('RGB')) for f in files])
    return torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--atlas', default='atlas.npz')
    p.add_argument('--bundle', default='bundle')
    p.add_argument('--old', help='an earlier bundle to compare with')
    p.add_argument('--samples', type=int, default=64, help='per class')
    p.add_argument('--out', default='measures.json')
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--skip', default='', help='parts to leave out: codes, probe, old-probe, frechet')
    p.add_argument('--bf16', action='store_true', help='run the networks in bfloat16')
    a = p.parse_args()
    setup(21, a.threads)
    with torch.autocast('cpu', torch.bfloat16, enabled=a.bf16):
        measure(a)


def measure(a):
    gen = torch.Generator().manual_seed(21)
    scenes, new = Scenes(a.atlas), Bundle(a.bundle)
    old = Bundle(a.old) if a.old else None
    out = {}

    def note(k, v):
        out[k] = round(v, 4) if isinstance(v, float) else v
        print(k, out[k], flush=True)
        json.dump(out, open(a.out, 'w'), indent=1)

    note('held-out glyphs', len(scenes.held))
    images = read_images(a.bundle)
    if 'codes' not in a.skip.split(','):
        x, _ = scenes.compose(scenes.held.repeat(2), gen)
        x = (x * 255).round() / 255
        for name, b in (('new', new), ('old', old)):
            if b:
                note(f'VQGAN PSNR held-out, {name}', psnr(b.picture(b.codes(x)), x))
        sem = new.tokens(images)
        note('clusters on images', usage(sem, len(new.centroids)))
        note('codes on images', usage(new.codes(images), len(new.gan.quantize.embedding.weight)))
        h = x[:len(scenes.held)]
        note('tokens to picture PSNR held-out, AR', psnr(new.paint(new.tokens(h), gen), h))
        note('tokens to picture PSNR held-out, NAR', psnr(new.paint(new.tokens(h), gen, nar=True), h))
    if 'probe' not in a.skip.split(','):
        tr = scenes.train
        te = scenes.held.repeat(3)
        xa, xb = scenes.compose(tr, gen)[0], scenes.compose(te, gen)[0]
        ya, yb = scenes.groups[tr], scenes.groups[te]
        best = lambda fa, fb: max(linear(fa, ya, fb, yb, l2) for l2 in (1e-3, 1e-2))
        for name, b in (('new', new), ('old', old)):
            if b and (b is new or 'old-probe' not in a.skip.split(',')):
                note(f'linear classifier, mean patch features, {name}', best(b.features(xa).mean(1), b.features(xb).mean(1)))
        small = lambda v: F.avg_pool2d(v, 2).flatten(1)
        note('linear classifier, raw pixels (32 x 32)', best(small(xa), small(xb)))
        tiny = lambda v: F.avg_pool2d(v, 8).flatten(1)
        note('linear classifier, raw pixels (8 x 8)', best(tiny(xa), tiny(xb)))
    if 'frechet' not in a.skip.split(','):
        classes = torch.arange(9).repeat_interleave(a.samples)
        real = new.features(images).mean(1)
        fresh = new.features(scenes.compose(scenes.pick(576, gen, 1.0), gen)[0]).mean(1)
        note('Frechet, other real pictures', frechet(fresh, real))
        for name, b in (('new', new), ('old', old)):
            if b:
                s = b.paint(b.dream(0, gen, classes), gen)
                note(f'Frechet, class-conditional samples, {name}', frechet(new.features(s).mean(1), real))


if __name__ == '__main__':
    main()
