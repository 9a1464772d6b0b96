"""Trains the VQGAN: pixel, edge and code losses; unused codes move to where the encoder is far from any code."""
import argparse
import json

import torch
import torch.nn.functional as F

from optim import Trainer, fast_half, setup
from scenes import Scenes
from vqgan import DDCONFIG, VQGAN


def warm_start(model, path):
    """Takes an earlier VQGAN of the same widths; added codes are copies of old ones with a little noise."""
    sd = torch.load(path, map_location='cpu', weights_only=True)
    sd = {k: v.float() for k, v in sd.get('state_dict', sd.get('model', sd)).items()}
    old, n = sd['quantize.embedding.weight'], len(model.quantize.embedding.weight)
    if len(old) < n:
        more = old[torch.arange(n - len(old)) % len(old)]
        sd['quantize.embedding.weight'] = torch.cat([old, more + 0.1 * old.std() * torch.randn_like(more)])
    model.load_state_dict(sd, strict=False)


def edges(x):
    return torch.cat([(x[..., 1:, :] - x[..., :-1, :]).flatten(1), (x[..., 1:] - x[..., :-1]).flatten(1)], 1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--atlas', default='atlas.npz')
    p.add_argument('--out', default='vqgan.pt')
    p.add_argument('--seconds', type=float, default=1200)
    p.add_argument('--batch', type=int, default=16)
    p.add_argument('--codes', type=int, default=2048)
    p.add_argument('--dd', type=json.loads, default={}, help='changes to ddconfig, as JSON')
    p.add_argument('--start', help='an earlier vqgan checkpoint')
    p.add_argument('--lr', type=float, default=6e-4)
    p.add_argument('--compile', action='store_true')
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=1)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    half = fast_half(dev)
    scenes = Scenes(a.atlas, dev)
    dd = {**DDCONFIG, **a.dd}
    model = VQGAN(a.codes, dd['z_channels'], dd).to(dev).to(memory_format=torch.channels_last)
    if a.start:
        warm_start(model, a.start)
    enc, dec = (torch.compile(m) if a.compile else m for m in (model.encoder, model.decoder))
    mats = [q for q in model.parameters() if q.dim() == 4 and min(q.shape[:2]) > 8]
    tr = Trainer(model, a.seconds, a.out, lr=a.lr, muon_lr=3 * a.lr, matrices=mats, weight_decay=0.0)
    idle = torch.zeros(a.codes, device=dev)          # steps since a code was last used

    def step(i):
        with torch.no_grad():
            x, _ = scenes.compose(scenes.pick(a.batch, gen), gen)
            x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            z = enc(x)
        z = z.float()
        ids = model.quantize.nearest(z)
        q = model.quantize.lookup(ids)
        code, commit = F.mse_loss(q, z.detach()), F.mse_loss(z, q.detach())
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            y = dec(z + (q - z).detach())
        y = y.float()
        mse = F.mse_loss(y, x)
        loss = 4 * mse + 0.2 * F.l1_loss(y, x) + 0.2 * F.l1_loss(edges(y), edges(x)) + code + 0.25 * commit
        with torch.no_grad():
            idle.add_(1).index_fill_(0, ids.unique(), 0)
            dead = (idle > 60).nonzero()[:, 0]
            if len(dead) and tr.share < 0.8 and i % 10 == 0:
                flat = z.permute(0, 2, 3, 1).reshape(-1, z.shape[1])
                far = (flat - q.permute(0, 2, 3, 1).reshape(flat.shape)).square().sum(1)
                take = torch.multinomial(far, min(len(dead), 24), generator=gen)
                model.quantize.embedding.weight[dead[:len(take)]] = flat[take]
                idle[dead[:len(take)]] = 0
        return loss, dict(psnr=-10 * mse.detach().log10(), dead=len(dead), commit=commit.detach())

    tr.loop(step, 25)
    torch.save(dict(model=model.state_dict(), dd=dd), a.out.replace('.pt', '_final.pt'))


if __name__ == '__main__':
    main()
