"""Turns pictures of every training glyph into both kinds of tokens once: the data of stage 1 and stage 2."""
import argparse

import numpy as np
import torch

from optim import setup
from scenes import Scenes
from vit import ViT, assign
from vqgan import VQGAN


def load_models(encoder, vqgan, dev='cpu'):
    """-> ViT, centroids [K, D], VQGAN from the files that training leaves."""
    e, g = torch.load(encoder, map_location=dev), torch.load(vqgan, map_location=dev)
    vit = ViT(e['centroids'].shape[1]).to(dev).eval()
    vit.load_state_dict(e['vit'])
    n, d = g['model']['quantize.embedding.weight'].shape
    gan = VQGAN(n, d, g['dd']).to(dev).eval().to(memory_format=torch.channels_last)
    gan.load_state_dict(g['model'])
    return vit, e['centroids'], gan


def read(paths, dev='cpu'):
    """-> both kinds of tokens [N, 256], groups [N], (clusters, codes) of all files together."""
    zs = [np.load(p) for p in paths]
    both = lambda k: torch.from_numpy(np.concatenate([z[k] for z in zs])).to(dev)
    return both('sem'), both('vq'), both('group'), [int(n) for n in zs[0]['sizes']]


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--atlas', default='atlas.npz')
    p.add_argument('--encoder', default='encoder_final.pt')
    p.add_argument('--vqgan', default='vqgan_final.pt')
    p.add_argument('--out', default='tokens.npz')
    p.add_argument('--views', type=int, default=12, help='pictures of each glyph')
    p.add_argument('--spread', type=float, default=1.0, help='how far place, size and rotation vary')
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=3)
    a = p.parse_args()
    dev, gen = setup(a.seed, a.threads)
    scenes = Scenes(a.atlas, dev)
    vit, centroids, gan = load_models(a.encoder, a.vqgan, dev)
    sem, vq = [], []
    todo = scenes.train.repeat(a.views)
    with torch.no_grad():                      # float32, as the engine computes: near ties must fall the same way
        for idx in todo.split(64):
            x, _ = scenes.compose(idx, gen, a.spread)
            sem.append(assign(vit.features(x), centroids).short().cpu().numpy())
            vq.append(gan.encode(x.contiguous(memory_format=torch.channels_last)).short().cpu().numpy())
            if len(sem) % 40 == 0:
                print(len(sem) * 64, 'of', len(todo), flush=True)
    np.savez_compressed(a.out, sem=np.concatenate(sem), vq=np.concatenate(vq), glyph=todo.cpu().numpy(),
                        group=scenes.groups[todo].cpu().numpy(), sizes=[len(centroids), len(gan.quantize.embedding.weight)])


if __name__ == '__main__':
    main()
