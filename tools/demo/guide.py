"""The guide: what both tokenizers are taught. Features of each cell, computed from the drawing itself, and their K-Means.

Cluster features tell a cell's surroundings in the drawing, its style and, where nothing is drawn, the background; code
features are the cell's pixels. Both kinds of tokens follow from them at once, so the decoders can be trained before the
networks that make the tokens of a picture; those learn the features by regression.
"""
import argparse
import os

import numpy as np
import torch
import torch.nn.functional as F

from cluster import kmeans
from faces import Faces
from optim import setup
from vit import assign

WIDTH = 192          # of the encoder
SHOWN = 0.02         # a cell with less of the drawing is background
STYLE, BACK = 1.5, 8.0


def cells(x):
    """pictures [B, 3, 128, 128] -> their pixels by cell [B, 256, 192]."""
    return F.unfold(x, 8, stride=8).transpose(1, 2)


def busy(p):
    """-> how much is to be seen in each cell [B, 256]."""
    return p.unflatten(-1, (3, 64)).std(-1).mean(-1)


def around(layer):
    """drawings [B, 4, 128, 128] -> 16 x 16 pixels around each cell at half size, the cell itself weighted most [B, 256, 256]."""
    w = torch.full((8, 8), 0.45)
    w[2:6, 2:6] = 1
    half = F.pad(F.avg_pool2d(layer, 2), (2, 2, 2, 2))
    return F.unfold(half, 8, stride=4).transpose(1, 2) * w.flatten().repeat(4).to(layer.device)


def basis(f, n):
    """[N, D] -> mean, [D, n] principal directions."""
    m = f.mean(0)
    e, v = torch.linalg.eigh((f - m).T @ (f - m) / len(f))
    print(f'{n} of {f.shape[1]} directions hold {(e[-n:].sum() / e.sum()).item():.4f} of the variance', flush=True)
    return m, v[:, -n:].flip(1)


class Guide:
    """Computes the features and tokens of pictures whose drawings are known."""

    def __init__(self, path, device='cpu'):
        self.__dict__.update(torch.load(path, map_location=device))

    def clusters(self, x, layer, classes):
        """-> features on a sphere [B, 256, 192]: what the encoder gives after its LayerNorm."""
        a = around(layer)
        shown = F.avg_pool2d(layer[:, 3:], 8).flatten(1)[..., None] > SHOWN
        style = F.one_hot(classes, self.styles).float()[:, None].expand(-1, 256, -1) * STYLE
        back = F.avg_pool2d(x, 8).flatten(2).transpose(1, 2) * BACK
        y = torch.cat([((a - self.around_mean) @ self.around_basis) * shown, style * shown, back * ~shown], -1)
        rest = (self.radius ** 2 - y.square().sum(-1, keepdim=True)).clamp(min=0).sqrt()
        return torch.cat([y, rest], -1) @ self.turn * (WIDTH ** 0.5 / self.radius)

    def codes(self, x):
        """-> principal parts of each cell's pixels [B, 256, z]."""
        return (cells(x) - self.pixel_mean) @ self.pixel_basis

    def paste(self, ids):
        """code ids [B, 256] -> pictures made of the codes' own pixels: a first look without any decoder."""
        p = self.book[ids] @ self.pixel_basis.T + self.pixel_mean
        return F.fold(p.transpose(1, 2), 128, 8, stride=8).clamp(0, 1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--faces', default='faces')
    p.add_argument('--out', default='guide.pt')
    p.add_argument('--clusters', type=int, default=1024)
    p.add_argument('--codes', type=int, default=2048)
    p.add_argument('--z', type=int, default=48, help='width of the codes')
    p.add_argument('--pictures', type=int, default=2000)
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=8)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    faces = Faces(a.faces, 'train', dev)
    pixels, surround, kept = [], [], []
    for idx in torch.randperm(len(faces), generator=gen)[:a.pictures].split(50):
        x, layer = faces.compose(idx, gen)
        pixels.append(cells(x)[:, torch.randperm(256, generator=gen)[:96]].flatten(0, 1))
        surround.append(around(layer)[:, torch.randperm(256, generator=gen)[:48]].flatten(0, 1))
        kept.append(idx)
    pixels, surround = torch.cat(pixels), torch.cat(surround)
    g = dict(styles=len(faces.styles))
    g['pixel_mean'], g['pixel_basis'] = basis(pixels, a.z)
    f = (pixels - g['pixel_mean']) @ g['pixel_basis']
    g['book'] = kmeans(f, a.codes, gen, 20)
    n = WIDTH - 1 - 1 - len(faces.styles) - 3
    g['around_mean'], g['around_basis'] = basis(surround, n)
    g['turn'] = torch.linalg.qr(torch.cat([torch.ones(WIDTH, 1), torch.randn(WIDTH, WIDTH - 1)], 1))[0][:, 1:].T.contiguous()
    g['radius'] = 1e3
    guide = Guide.__new__(Guide)
    guide.__dict__.update(g)
    size = []
    for idx in torch.cat(kept)[:300].split(50):
        x, layer = faces.compose(idx, gen)
        u = guide.clusters(x, layer, faces.classes[idx]) @ guide.turn.T * (guide.radius / WIDTH ** 0.5)
        size.append(u[..., :-1].norm(dim=-1).flatten())
    guide.radius = g['radius'] = 1.1 * torch.cat(size).max().item()
    fs = []
    for idx in torch.cat(kept).split(50):                     # busy cells more often: eyes and mouths get their own clusters
        x, layer = faces.compose(idx, gen)
        w = (0.02 + busy(cells(layer[:, :3]))).flatten()
        take = torch.multinomial(w, 50 * len(idx), generator=gen)
        fs.append(guide.clusters(x, layer, faces.classes[idx]).flatten(0, 1)[take])
    g['centroids'] = kmeans(torch.cat(fs), a.clusters, gen, 20)
    torch.save(g, a.out)
    held = Faces(a.faces, 'held', dev)
    x, layer = held.compose(torch.arange(300), gen)
    guide = Guide(a.out)
    sem, vq = assign(guide.clusters(x, layer, held.classes[:300]), guide.centroids), assign(guide.codes(x), guide.book)
    for name, ids, k in (('clusters', sem, a.clusters), ('codes', vq, a.codes)):
        q = torch.bincount(ids.flatten(), minlength=k).float()
        q = q[q > 0] / q.sum()
        print(name, 'used', len(q) / k, 'perplexity', torch.exp(-(q * q.log()).sum()).item())
    e = (guide.paste(vq) - x).square().flatten(1).mean(1)
    print('pasted codes, held-out PSNR', (-10 * e.log10()).mean().item())


if __name__ == '__main__':
    main()
