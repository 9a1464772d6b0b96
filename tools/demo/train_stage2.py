"""Trains stage 2: VQGAN codes from discriminative tokens, autoregressive or, with --nar, masked (from AR's weights)."""
import argparse
import math

import torch
import torch.nn.functional as F

import places
from gpt import EOS, SPECIALS, UNK, Decoder
from optim import Trainer, fast_half, setup
from tokens import read


def build(k, codes, dim=192, layers=4, heads=6):
    return Decoder(dim, layers, heads, 4 * dim, codes, extra=k + SPECIALS, prefix=True)


def take_up(model, path, nar):
    """AR row 2 + p predicts cell p; in NAR the cell itself sits one row further on, so the rows move by one."""
    sd = torch.load(path, map_location='cpu')['model']
    if nar:
        pos = sd['embed_positions.weight']
        sd['embed_positions.weight'] = torch.cat([pos[:2], pos[2:3], pos[2:-1]])
    model.load_state_dict(sd)


@torch.no_grad()
def near(codes, width):
    """codes [K, D] -> [K, K]: for each code the shares of the codes near it, by squared distance in units of `width`
    times the median distance to the nearest other. Near codes paint alike, so all of them are right answers."""
    d = torch.cdist(codes, codes).square()
    unit = d.clone().fill_diagonal_(float('inf')).amin(1).median()
    return (-d / (width * unit)).softmax(-1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--tokens', nargs='+', default=['tokens.npz'])
    p.add_argument('--out', default='stage2.pt')
    p.add_argument('--guide', default='guide.pt')
    p.add_argument('--nar', action='store_true')
    p.add_argument('--start', help='weights to start from: an AR model, also for NAR')
    p.add_argument('--seconds', type=float, default=900)
    p.add_argument('--batch', type=int, default=8)
    p.add_argument('--dim', type=int, default=192)
    p.add_argument('--layers', type=int, default=4)
    p.add_argument('--heads', type=int, default=6)
    p.add_argument('--noise', type=float, default=0.03, help='share of source tokens replaced at random')
    p.add_argument('--soft', type=float, default=0.0, help='width of the targets over near codes; 0: the code alone')
    p.add_argument('--lr', type=float, default=1e-3)
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=5)
    a = p.parse_args()
    dev, gen = setup(a.seed + a.nar, a.threads)
    half = fast_half(dev)
    sem, vq, _, (k, codes) = read(a.tokens, dev)
    model = build(k, codes, a.dim, a.layers, a.heads)
    guide = torch.load(a.guide, map_location='cpu')
    if a.start:
        take_up(model, a.start, a.nar)
    else:
        counts = torch.zeros(k * codes).index_add_(0, (sem.long() * codes + vq.long()).flatten().cpu(), torch.ones(sem.numel()))
        places.start(model, guide['centroids'], guide['book'], counts.view(k, codes))
    model.to(dev)
    wanted = near(guide['book'], a.soft).to(dev) if a.soft else None
    model.causal = not a.nar
    mats = [q for n, q in model.named_parameters() if q.dim() == 2 and n.startswith('layers.')]
    tr = Trainer(model, a.seconds, a.out, lr=a.lr, muon_lr=5 * a.lr, matrices=mats)
    gen.manual_seed(a.seed + a.nar + tr.i)
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
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            logits = model(ids, s + SPECIALS + model.n_dict)
        logits, t = (logits[:, 1:][hidden], t[hidden]) if a.nar else (logits.flatten(0, 1), t.flatten())
        logp = logits.float().log_softmax(-1)
        hard = F.nll_loss(logp, t)
        loss = -(wanted[t - SPECIALS] * logp[:, SPECIALS:]).sum(-1).mean() if a.soft else hard
        return loss, dict(hard=hard.detach())

    tr.loop(step, 50)
    torch.save(dict(model=model.state_dict(), dims=[a.dim, a.layers, a.heads]), a.out.replace('.pt', '_final.pt'))


if __name__ == '__main__':
    main()
