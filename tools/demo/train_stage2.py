"""Trains stage 2: VQGAN codes from discriminative tokens, autoregressive or, with --nar, masked (from AR's weights)."""
import argparse
import math

import numpy as np
import torch
import torch.nn.functional as F

from gpt import EOS, SPECIALS, UNK, Decoder
from optim import Trainer, setup


def build(k, codes, dim=192, layers=4, heads=3):
    return Decoder(dim, layers, heads, 4 * dim, codes, extra=k + SPECIALS, prefix=True)


@torch.no_grad()
def from_codebooks(model, centroids, codes):
    """Rows of both vocabularies start as projections of their centroids and codes, so near tokens start alike."""
    def rows(c):
        c = (c - c.mean(0)) / c.std()
        turn = torch.linalg.qr(torch.randn(model.dim, model.dim))[0][:c.shape[1]]
        return c @ turn / c.shape[1] ** 0.5
    n = model.n_dict
    code = rows(codes)
    model.embed_tokens.weight[SPECIALS:n] = code
    model.output_projection.weight[SPECIALS:] = code
    model.embed_tokens.weight[n + SPECIALS:] = rows(centroids)


def from_ar(model, path):
    """AR row 2 + p predicts cell p; in NAR the cell itself sits one row further on, so the rows move by one."""
    sd = torch.load(path, map_location='cpu')['model']
    pos = sd['embed_positions.weight']
    sd['embed_positions.weight'] = torch.cat([pos[:2], pos[2:3], pos[2:-1]])
    model.load_state_dict(sd)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--tokens', default='tokens.npz')
    p.add_argument('--out', default='stage2.pt')
    p.add_argument('--encoder', default='encoder_final.pt')
    p.add_argument('--vqgan', default='vqgan_final.pt')
    p.add_argument('--nar', action='store_true')
    p.add_argument('--start', help='the AR model that NAR starts from')
    p.add_argument('--seconds', type=float, default=900)
    p.add_argument('--batch', type=int, default=12)
    p.add_argument('--dim', type=int, default=192)
    p.add_argument('--layers', type=int, default=4)
    p.add_argument('--heads', type=int, default=3)
    p.add_argument('--noise', type=float, default=0.05, help='share of source tokens replaced at random')
    p.add_argument('--lr', type=float, default=1e-3)
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=5)
    a = p.parse_args()
    dev, gen = setup(a.seed + a.nar, a.threads)
    z = np.load(a.tokens)
    sem, vq = torch.from_numpy(z['sem']).to(dev), torch.from_numpy(z['vq']).to(dev)
    k, codes = (int(n) for n in z['sizes'])
    model = build(k, codes, a.dim, a.layers, a.heads).to(dev)
    from_codebooks(model, torch.load(a.encoder, map_location=dev)['centroids'],
                   torch.load(a.vqgan, map_location=dev)['model']['quantize.embedding.weight'].float())
    if a.start:
        from_ar(model, a.start)
    model.causal = not a.nar
    mats = [q for n, q in model.named_parameters() if q.dim() == 2 and n.startswith('layers.')]
    tr = Trainer(model, a.seconds, a.out, lr=a.lr, muon_lr=5 * a.lr, matrices=mats)
    rand = lambda *s: torch.rand(*s, generator=gen, device=dev)

    def step(i):
        pick = torch.randint(len(sem), (a.batch,), generator=gen, device=dev)
        s, t = sem[pick].long(), vq[pick].long() + SPECIALS
        s = torch.where(rand(a.batch, 256) < a.noise * 2 * rand(a.batch, 1), (rand(a.batch, 256) * k).long(), s)
        first = torch.full((a.batch, 1), EOS, device=dev)
        if a.nar:
            ratio = torch.cos(math.pi / 2 * rand(a.batch, 1)).clamp(min=0.02)
            hidden = rand(a.batch, 256) < ratio
            ids = torch.cat([first, t.masked_fill(hidden, UNK)], 1)
        else:
            ids = torch.cat([first, t[:, :-1]], 1)
        with torch.autocast(dev, torch.bfloat16):
            logits = model(ids, s + SPECIALS + model.n_dict)
        if a.nar:
            loss = F.cross_entropy(logits[:, 1:][hidden].float(), t[hidden])
        else:
            loss = F.cross_entropy(logits.reshape(-1, model.n_dict).float(), t.reshape(-1))
        return loss, {}

    tr.loop(step, 50)
    torch.save(dict(model=model.state_dict(), dims=[a.dim, a.layers, a.heads]), a.out.replace('.pt', '_final.pt'))


if __name__ == '__main__':
    main()
