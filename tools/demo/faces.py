"""Reads the rendered faces and puts them on soft backgrounds."""
import json
import os

import numpy as np
import torch

SIDE = 128
# top and bottom of each background: one soft colour, a little deeper below
BACKS = ['e3f0ff c4ddf7', 'fdeceb f7cfcd', 'eef7de d3e8b6', 'fff6d8 f8e2a6', 'efe9fb d4c7f0', 'dbf5ef b5e2d6',
         'ffe8d3 f9cca6', 'eef1f4 d2d9e1', 'fbe6f3 f0c3df', 'd6ecf2 a9d3e0', 'f5efe3 e2d5bd', 'c9d6ea a3b8d8']


def backgrounds():
    """-> [12, 3, 128, 128] in [0, 1]."""
    rgb = lambda h: torch.tensor([int(h[i:i + 2], 16) / 255 for i in (0, 2, 4)])
    t = torch.linspace(0, 1, SIDE)[None, :, None]
    ends = [b.split() for b in BACKS]
    return torch.stack([(rgb(a)[:, None, None] * (1 - t) + rgb(b)[:, None, None] * t).expand(3, SIDE, SIDE) for a, b in ends])


class Faces:
    """split: train or held. Drawings lie on the disk as premultiplied RGBA; a picture is a drawing and a background."""

    def __init__(self, root, split='train', device='cpu'):
        self.styles = json.load(open(os.path.join(root, 'styles.json')))
        self.pixels = np.memmap(os.path.join(root, f'{split}.rgba'), np.uint8, 'r').reshape(-1, SIDE, SIDE, 4)
        self.classes = torch.from_numpy(np.fromfile(os.path.join(root, f'{split}.classes'), np.uint8).astype(np.int64))
        self.parts_file = os.path.join(root, f'{split}.jsonl')
        self.backs, self.device = backgrounds().to(device), device

    def __len__(self):
        return len(self.classes)

    def parts(self):
        """-> [{part: variant}] of every drawing."""
        return [json.loads(line) for line in open(self.parts_file, encoding='utf-8')]

    def pick(self, n, gen):
        return torch.randint(len(self), (n,), generator=gen)

    def own_backs(self, idx):
        """The background each drawing has when pictures must not change: spread evenly, the same in every run."""
        return (idx * 2654435761 >> 7) % len(self.backs)

    def compose(self, idx, gen=None):
        """idx [B] -> pictures [B, 3, 128, 128] in [0, 1], drawings [B, 4, 128, 128] (premultiplied RGBA).
        With gen the backgrounds are drawn at random, else they are each drawing's own."""
        back = self.own_backs(idx) if gen is None else torch.randint(len(self.backs), (len(idx),), generator=gen)
        u8 = torch.from_numpy(self.pixels[idx.cpu().numpy()]).to(self.device)
        layer = u8.permute(0, 3, 1, 2).float() / 255
        x = layer[:, :3] + (1 - layer[:, 3:]) * self.backs[back.to(self.device)]
        return (x.clamp(0, 1) * 255).round() / 255, layer
