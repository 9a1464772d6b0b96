"""Trains the ViT so that patch features of the third-last block name parts: what, where in it, its colour and outline.

Per patch the feature must give back, without looking at other patches, the glyph layer (premultiplied RGBA, so no
background) of the 12 x 12 pixels around it, though a share of the patches is masked; pooled, the features must tell the glyph and its group. After the first
part of the time the features pass through a codebook (online K-Means), so the centroids themselves carry all that.
"""
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F

from cluster import kmeans
from optim import Trainer, fast_half, setup
from scenes import Scenes
from vit import ViT, assign


class Student(nn.Module):
    def __init__(self, glyphs, clusters, dim=192):
        super().__init__()
        self.vit = ViT(dim)
        self.around = nn.Sequential(nn.Linear(dim, 384), nn.GELU(), nn.Linear(384, 6 * 6 * 4 + 3))
        self.glyph = nn.Linear(dim, glyphs)
        self.group = nn.Linear(dim, 9)
        self.deep = nn.Linear(dim, glyphs)
        self.register_buffer('centroids', torch.zeros(clusters, dim))
        self.register_buffer('counts', torch.zeros(clusters))
        self.register_buffer('sums', torch.zeros(clusters, dim))


def targets(layer, x):
    """glyph layer [B, 4, 64, 64] and picture -> per patch [B, 256, 147]: 12 x 12 around it at half size, mean colour."""
    half = F.avg_pool2d(layer, 2)
    around = F.unfold(F.pad(half, (2, 2, 2, 2)), 6, stride=2)
    return torch.cat([around, F.avg_pool2d(x, 4).flatten(2)], 1).transpose(1, 2)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--atlas', default='atlas.npz')
    p.add_argument('--out', default='encoder.pt')
    p.add_argument('--seconds', type=float, default=900)
    p.add_argument('--batch', type=int, default=32)
    p.add_argument('--clusters', type=int, default=1024)
    p.add_argument('--start', help='an earlier encoder')
    p.add_argument('--continuous', type=float, default=0.45, help='share of the time before the codebook starts')
    p.add_argument('--lr', type=float, default=1e-3)
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=2)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    half = fast_half(dev)
    scenes = Scenes(a.atlas, dev)
    model = Student(len(scenes.groups), a.clusters).to(dev)
    vit = model.vit
    if a.start:
        vit.load_state_dict({k: v.float() for k, v in torch.load(a.start, map_location='cpu', weights_only=True).items()})
    mats = [q for b in vit.blocks for n, q in b.named_parameters() if q.dim() == 2]
    tr = Trainer(model, a.seconds, a.out, lr=a.lr, muon_lr=4 * a.lr, matrices=mats)
    bank = []
    start = float('inf') if not model.counts.any() else 0

    def quantise(f):
        """f [B, 256, D] -> nearest centroids, straight through; keeps the centroids as running means."""
        flat = f.detach().reshape(-1, f.shape[-1])
        ids = assign(flat, model.centroids)
        model.counts.mul_(0.99).add_(torch.bincount(ids, minlength=a.clusters).float(), alpha=0.01)
        model.sums.mul_(0.99).index_add_(0, ids, flat, alpha=0.01)
        model.centroids.copy_(model.sums / model.counts.clamp(min=1e-3)[:, None])
        dead = (model.counts < 0.02 * model.counts.mean()).nonzero()[:, 0][:8]
        if len(dead) and tr.share < 0.9:
            far = (flat - model.centroids[ids]).square().sum(1)
            take = flat[torch.multinomial(far, len(dead), generator=gen)]
            model.centroids[dead] = take
            model.counts[dead] = 0.2 * model.counts.mean()
            model.sums[dead] = take * model.counts[dead][:, None]
        q = model.centroids[ids].view_as(f)
        return f + (q - f).detach(), F.mse_loss(f, q.detach()), len(dead)

    def step(i):
        nonlocal start
        with torch.no_grad():
            idx = scenes.pick(a.batch, gen)
            x, layer = scenes.compose(idx, gen)
            want = targets(layer, x)
            masked = torch.rand(a.batch, 256, generator=gen, device=dev) < 0.25 * torch.rand(
                a.batch, 1, generator=gen, device=dev)
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            h = vit.embed(x, masked)
            for b in vit.blocks[:4]:
                h = b(h)
        f = vit.norm(h)[:, 5:].float()
        commit, dead = torch.zeros(()), 0
        if tr.share >= a.continuous:
            if start:
                with torch.no_grad():
                    c = kmeans(torch.cat(bank)[:60000], a.clusters, gen, 6)
                    ids = assign(torch.cat(bank)[:60000], c)
                    model.counts.copy_(torch.bincount(ids, minlength=a.clusters).float() * f.shape[0] * 256 / len(ids))
                    model.centroids.copy_(c)
                    model.sums.copy_(c * model.counts[:, None])
                    bank.clear()
                    start = 0
            f, commit, dead = quantise(f)
        elif tr.share > a.continuous - 0.1:
            bank.append(f.detach().reshape(-1, f.shape[-1])[::8])
            del bank[:-80]
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            got = model.around(f)
            alpha = F.adaptive_avg_pool2d(layer[:, 3:], 16).flatten(1)[..., None]
            mean = (f * (alpha + 0.02)).sum(1) / (alpha + 0.02).sum(1)
            glyph, group = model.glyph(mean), model.group(f.mean(1))
            deep = model.deep(vit.norm(vit.rest(h))[:, 0]) if i % 4 == 0 else None      # the last two blocks
        rec = (got.float() - want).square()
        around, colour = rec[..., :144].mean(), rec[..., 144:].mean()
        ce = F.cross_entropy(glyph.float(), idx, label_smoothing=0.1)
        gr = F.cross_entropy(group.float(), scenes.groups[idx])
        dp = glyph.new_zeros(()) if deep is None else F.cross_entropy(deep.float(), idx, label_smoothing=0.1)
        loss = 30 * around + 4 * colour + 0.1 * ce + 0.2 * gr + 0.1 * dp + 0.5 * commit
        acc = (glyph.argmax(1) == idx).float().mean()
        return loss, dict(around=around.detach(), colour=colour.detach(), glyph=acc, group=gr.detach(),
                          deep=dp.detach() * 4, commit=commit.detach(), dead=dead)

    tr.loop(step, 25)


if __name__ == '__main__':
    main()
