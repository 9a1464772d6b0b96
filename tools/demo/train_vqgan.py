"""Trains the VQGAN by the guide: the decoder paints pictures from the guide's codes, the encoder learns its code features.

The codes stay as they are, so both can be trained further at any time without new tokens. In the last part of the time
the decoder also sees the codes that the encoder gives."""
import argparse
import json

import torch
import torch.nn.functional as F

from faces import Faces
from guide import Guide
from optim import Trainer, fast_half, setup
from vit import assign
from vqgan import DDCONFIG, VQGAN


def edges(x):
    return torch.cat([(x[..., 1:, :] - x[..., :-1, :]).flatten(1), (x[..., 1:] - x[..., :-1]).flatten(1)], 1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--faces', default='faces')
    p.add_argument('--guide', default='guide.pt')
    p.add_argument('--out', default='vqgan.pt')
    p.add_argument('--seconds', type=float, default=1500)
    p.add_argument('--batch', type=int, default=8)
    p.add_argument('--dd', type=json.loads, default={}, help='changes to ddconfig, as JSON')
    p.add_argument('--lr', type=float, default=1e-3)
    p.add_argument('--muon', type=float, default=2.0, help="factor of the matrices' rate")
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=1)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    half = fast_half(dev)
    faces, guide = Faces(a.faces, 'train', dev), Guide(a.guide, dev)
    dd = {**DDCONFIG, **a.dd, 'z_channels': guide.book.shape[1]}
    gan = VQGAN(*guide.book.shape, dd)
    gan.quantize.embedding.weight.requires_grad_(False).copy_(guide.book)
    torch.nn.init.constant_(gan.decoder.conv_out.bias, 0.7)                  # the pictures' mean
    gan.to(dev)
    mats = [q for q in gan.parameters() if q.dim() == 4 and min(q.shape[:2]) > 8]
    tr = Trainer(gan, a.seconds, a.out, lr=a.lr, muon_lr=a.muon * a.lr, matrices=mats, weight_decay=0.0)
    gen.manual_seed(a.seed + tr.i)

    def step(i):
        with torch.no_grad():
            x, _ = faces.compose(faces.pick(a.batch, gen), gen)
            wanted = guide.codes(x)
            ids = assign(wanted, guide.book)
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            z = gan.encoder(x).float().flatten(2).transpose(1, 2)
        own = assign(z.detach(), guide.book)
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            y = gan.decoder(gan.quantize.lookup(own if tr.share > 0.7 and i % 2 else ids))
        y = y.float()
        mse = F.mse_loss(y, x)
        flat_colour = F.mse_loss(F.avg_pool2d(y, 8), F.avg_pool2d(x, 8))         # else colours come much later than shapes
        code = F.mse_loss(z, wanted)
        loss = 4 * mse + 8 * flat_colour + 0.2 * F.l1_loss(y, x) + 0.2 * F.l1_loss(edges(y), edges(x)) + 4 * code
        return loss, dict(psnr=-10 * mse.detach().log10(), colour=flat_colour.detach(),
                          code=code.detach() / wanted.var(), agree=(own == ids).float().mean())

    tr.loop(step, 25)
    torch.save(dict(model=gan.state_dict(), dd=dd), a.out.replace('.pt', '_final.pt'))


if __name__ == '__main__':
    main()
