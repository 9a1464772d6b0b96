"""Turns the training pictures into both kinds of tokens once, by the guide: the data of stage 1 and stage 2."""
import argparse
import os

import numpy as np
import torch

from optim import setup
from faces import Faces
from guide import Guide
from vit import assign


def read(paths, dev='cpu'):
    """-> both kinds of tokens [N, 256], classes [N], (clusters, codes) of all files together."""
    zs = [np.load(p) for p in paths]
    both = lambda k: torch.from_numpy(np.concatenate([z[k] for z in zs])).to(dev)
    return both('sem'), both('vq'), both('classes'), [int(n) for n in zs[0]['sizes']]


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--faces', default='faces')
    p.add_argument('--guide', default='guide.pt')
    p.add_argument('--out', default='tokens.npz')
    p.add_argument('--first', type=int, default=0, help='the first face')
    p.add_argument('--count', type=int, default=0, help='how many; 0: all')
    p.add_argument('--views', type=int, default=1, help='pictures of each face, on different backgrounds')
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=3)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    faces = Faces(a.faces, 'train', dev)
    guide = Guide(a.guide, dev)
    sem, vq = [], []
    todo = torch.arange(a.first, min(len(faces), a.first + (a.count or len(faces)))).repeat(a.views)
    with torch.no_grad():
        for idx in todo.split(32):
            x, layer = faces.compose(idx, gen)
            sem.append(assign(guide.clusters(x, layer, faces.classes[idx].to(dev)), guide.centroids).short().cpu().numpy())
            vq.append(assign(guide.codes(x), guide.book).short().cpu().numpy())
            if len(sem) % 40 == 0:
                print(len(sem) * 32, 'of', len(todo), flush=True)
    np.savez_compressed(a.out + '.tmp.npz', sem=np.concatenate(sem), vq=np.concatenate(vq), classes=faces.classes[todo].numpy(),
                        sizes=[len(guide.centroids), len(guide.book)])
    os.replace(a.out + '.tmp.npz', a.out)


if __name__ == '__main__':
    main()
