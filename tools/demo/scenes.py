"""Puts glyphs on soft two-colour gradients with random place, scale, rotation and flip, a batch at a time."""
import math

import numpy as np
import torch
import torch.nn.functional as F

NO_FLIP = (7, 8)      # symbols and flags read from left to right


class Scenes:
    """train: glyphs to learn from, held: glyphs kept for the measurements (index tensors)."""

    def __init__(self, path, device='cpu'):
        z = np.load(path)
        self.atlas = torch.from_numpy(z['glyphs']).permute(0, 3, 1, 2).contiguous().to(device)   # u8 [N, 4, 68, 68]
        self.groups = torch.from_numpy(z['groups']).to(device)
        self.names = z['names']
        held = torch.from_numpy(z['held']).to(device)
        self.train, self.held = (~held).nonzero()[:, 0], held.nonzero()[:, 0]
        self.device = device

    def pick(self, n, gen, balance=0.5):
        """n random training glyphs; balance 0: each glyph alike, 1: each group alike."""
        g = self.groups[self.train]
        w = (1 / torch.bincount(g).float())[g] ** balance
        return self.train[torch.multinomial(w, n, True, generator=gen)]

    def compose(self, idx, gen, spread=1.0):
        """idx [B] -> picture [B, 3, 64, 64] in [0, 1], glyph layer [B, 4, 64, 64] (premultiplied RGBA).
        spread: how far place, size and rotation vary; 0: every glyph in the middle, upright."""
        B, dev = len(idx), self.device
        u = lambda *s: torch.rand(*s, generator=gen, device=dev)
        size = 52.5 + 11 * spread * (u(B) - 0.5)        # pixels the glyph's box takes
        angle = spread * (u(B) - 0.5) * 2 * math.radians(8)
        room = (64 - size).clamp(min=4) / 2
        shift = spread * (u(B, 2) - 0.5) * room[:, None] / 32
        flip = torch.where((u(B) < 0.5) & (self.groups[idx] < NO_FLIP[0]), -1.0, 1.0)
        s = 68 / size * (64 / 68)
        c, d = angle.cos() * s, angle.sin() * s
        row = torch.stack([flip * c, flip * d, -flip * (c * shift[:, 0] + d * shift[:, 1]),
                           -d, c, d * shift[:, 0] - c * shift[:, 1]], 1).view(B, 2, 3)
        grid = F.affine_grid(row, (B, 4, 64, 64), align_corners=False)
        layer = F.grid_sample(self.atlas[idx].float() / 255, grid, align_corners=False)
        back = gradient(B, u, dev)
        return (layer[:, :3] + (1 - layer[:, 3:]) * back).clamp(0, 1), layer


def gradient(B, u, dev):
    """Two related soft colours along a random direction -> [B, 3, 64, 64]."""
    hue, sat, val = u(B), 0.10 + 0.35 * u(B), 0.70 + 0.28 * u(B)
    hue2, sat2, val2 = hue + (u(B) - 0.5) * 0.25, 0.10 + 0.35 * u(B), 0.70 + 0.28 * u(B)
    a, b = hsv(hue, sat, val), hsv(hue2, sat2, val2)
    t = u(B) * 2 * math.pi
    y, x = torch.meshgrid(torch.linspace(-1, 1, 64, device=dev), torch.linspace(-1, 1, 64, device=dev), indexing='ij')
    m = (x * t.cos().view(B, 1, 1) + y * t.sin().view(B, 1, 1)) / 2.83 + 0.5
    m = m.clamp(0, 1)[:, None]
    return a[..., None, None] * (1 - m) + b[..., None, None] * m


def hsv(h, s, v):
    """[B] each -> rgb [B, 3]."""
    k = (torch.tensor([5.0, 3.0, 1.0], device=h.device) + h[:, None] * 6) % 6
    return v[:, None] * (1 - s[:, None] * torch.minimum(k, 4 - k).clamp(0, 1))
