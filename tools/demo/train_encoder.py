"""Trains the ViT by the guide: the third-last block's patch features learn the guide's cluster features, whose K-Means
gives the discriminative tokens; the class token of the last block learns all the parts a face is made of."""
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F

from faces import Faces
from guide import Guide, busy, cells
from optim import Trainer, fast_half, setup
from vit import ViT, assign

IGNORED = {'primaryBackgroundColor', 'secondaryBackgroundColor', 'backgroundType', 'backgroundRotation', 'earringColor',
           'eyeShadowColor', 'accessoriesColor'}


def labels(faces):
    """-> answers [N, slots] (index of the variant, -100 where a face lacks the part), owner of each variant [V], slots.

    A slot is one part of one style, such as micah's mouth; owner tells the slot of each variant."""
    parts = faces.parts()
    table = {}
    for c, p in zip(faces.classes.tolist(), parts):
        for k, v in p.items():
            if k not in IGNORED or (k == 'primaryBackgroundColor' and v != 'transparent'):
                table.setdefault((c, k), {}).setdefault(str(v), len(table.get((c, k), {})))
    slots = [k for k in sorted(table) if len(table[k]) > 1]
    ids, owner = {}, []
    for s, slot in enumerate(slots):
        for v in sorted(table[slot]):
            ids[slot + (v,)] = len(owner)
            owner.append(s)
    out = torch.full((len(parts), len(slots)), -100)
    for i, (c, p) in enumerate(zip(faces.classes.tolist(), parts)):
        for s, (cls, k) in enumerate(slots):
            if cls == c and k in p:
                out[i, s] = ids[cls, k, str(p[k])]
    return out, torch.tensor(owner), slots


class Student(nn.Module):
    def __init__(self, variants, styles, dim=192):
        super().__init__()
        self.vit = ViT(dim, patch=8)
        self.parts = nn.Linear(dim, variants)
        self.style = nn.Linear(dim, styles)


def take_up(vit, path):
    """An earlier encoder of patch 4: its kernels are spread over twice the pixels."""
    sd = {k: v.float() for k, v in torch.load(path, map_location='cpu', weights_only=True).items()}
    k = sd['patch_embed.proj.weight']
    if k.shape[-1] != vit.patch:
        f = vit.patch // k.shape[-1]
        sd['patch_embed.proj.weight'] = k.repeat_interleave(f, 2).repeat_interleave(f, 3) / f ** 2
    vit.load_state_dict(sd)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--faces', default='faces')
    p.add_argument('--guide', default='guide.pt')
    p.add_argument('--out', default='encoder.pt')
    p.add_argument('--seconds', type=float, default=900)
    p.add_argument('--batch', type=int, default=8)
    p.add_argument('--start', help='an earlier encoder')
    p.add_argument('--lr', type=float, default=1e-3)
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=2)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    half = fast_half(dev)
    faces, guide = Faces(a.faces, 'train', dev), Guide(a.guide, dev)
    answers, owner, slots = labels(faces)
    others = owner[:, None] != owner[None]                     # variants of other slots are no answers
    print(len(slots), 'parts,', len(owner), 'variants', flush=True)
    model = Student(len(owner), len(faces.styles)).to(dev)
    vit = model.vit
    if a.start:
        take_up(vit, a.start)
    inner = len(vit.blocks) - 2
    mats = [q for b in vit.blocks for n, q in b.named_parameters() if q.dim() == 2]
    tr = Trainer(model, a.seconds, a.out, lr=a.lr, muon_lr=3 * a.lr, matrices=mats)
    gen.manual_seed(a.seed + tr.i)

    def which(logits, idx):
        """-> loss and accuracy over all the parts of the faces."""
        face, slot = (answers[idx] >= 0).nonzero(as_tuple=True)
        right = answers[idx][face, slot].to(dev)
        own = logits[face].masked_fill(others[right].to(dev), -1e4)
        return F.cross_entropy(own, right), (own.argmax(1) == right).float().mean()

    def step(i):
        with torch.no_grad():
            idx = faces.pick(a.batch, gen)
            x, layer = faces.compose(idx, gen)
            classes = faces.classes[idx].to(dev)
            wanted = guide.clusters(x, layer, classes)
            ids = assign(wanted, guide.centroids)
            weight = 0.3 + 5 * busy(cells(layer[:, :3]))       # eyes and mouths count most
        with torch.autocast(dev, torch.bfloat16, enabled=half):
            h = vit.embed(x)
            for b in vit.blocks[:inner]:
                h = b(h)
        f = vit.norm(h)[:, 5:].float()
        far = ((f - wanted).square().sum(-1) * weight).mean()
        near = -torch.cdist(f, guide.centroids[None].expand(len(f), -1, -1)).square()
        token = (F.cross_entropy(near.flatten(0, 1) / 2, ids.flatten(), reduction='none') * weight.flatten()).mean()
        parts = style = f.new_zeros(())
        acc = 0.0
        if i % 4 == 0:                                         # the last two blocks
            with torch.autocast(dev, torch.bfloat16, enabled=half):
                top = vit.norm(vit.rest(h if i % 8 else h.detach()))[:, 0].float()
            parts, acc = which(model.parts(top), idx)
            style = F.cross_entropy(model.style(top), classes)
        loss = 0.1 * far + 0.2 * token + 0.5 * parts + 0.5 * style
        same = (near.detach().argmax(-1) == ids).float()
        return loss, dict(far=far.detach(), token=token.detach(), agree=same.mean(), parts=4 * float(acc), style=4 * style.detach())

    tr.loop(step, 25)
    torch.save(dict(vit=vit.state_dict(), centroids=guide.centroids), a.out.replace('.pt', '_final.pt'))


if __name__ == '__main__':
    main()
