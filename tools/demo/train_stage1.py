"""Trains stage 1 on discriminative tokens: one decoder that starts from </s> or from a class, saved as two models."""
import argparse

import torch
import torch.nn.functional as F

import places
from gpt import EOS, SPECIALS, Decoder
from optim import Trainer, fast_half, setup
from tokens import read


def build(k, dim=192, layers=6, heads=3):
    return Decoder(dim, layers, heads, 4 * dim, k, extra=1000, pre_norm=False)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--tokens', nargs='+', default=['tokens.npz'])
    p.add_argument('--out', default='stage1.pt')
    p.add_argument('--seconds', type=float, default=1500)
    p.add_argument('--batch', type=int, default=12)
    p.add_argument('--dim', type=int, default=192)
    p.add_argument('--layers', type=int, default=6)
    p.add_argument('--heads', type=int, default=3)
    p.add_argument('--no-class', type=float, default=0.15, help='share of sequences that start from </s>')
    p.add_argument('--guide', default='guide.pt')
    p.add_argument('--start', help='weights to start from')
    p.add_argument('--lr', type=float, default=1e-3)
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=4)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    half = fast_half(dev)
    sem, _, classes, (k, _) = read(a.tokens, dev)
    model = build(k, a.dim, a.layers, a.heads).to(dev)
    if a.start:
        model.load_state_dict(torch.load(a.start, map_location=dev)['model'])
    else:
        places.start(model, torch.load(a.guide, map_location=dev)['centroids'])
    mats = [q for n, q in model.named_parameters() if q.dim() == 2 and n.startswith('layers.')]
    tr = Trainer(model, a.seconds, a.out, lr=a.lr, muon_lr=5 * a.lr, matrices=mats)
    gen.manual_seed(a.seed + tr.i)

    def step(i):
        pick = torch.randint(len(sem), (a.batch,), generator=gen, device=dev)
        t = sem[pick].long() + SPECIALS
        first = torch.where(torch.rand(a.batch, generator=gen, device=dev) < a.no_class, EOS, classes[pick] + model.n_dict)
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            logits = model(torch.cat([first[:, None], t[:, :-1]], 1))
        loss = F.cross_entropy(logits.reshape(-1, model.n_dict).float(), t.reshape(-1))
        return loss, {}

    tr.loop(step, 50)
    torch.save(dict(model=model.state_dict(), dims=[a.dim, a.layers, a.heads]), a.out.replace('.pt', '_final.pt'))


if __name__ == '__main__':
    main()
