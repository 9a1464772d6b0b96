"""Draws the three sheets: held-out pictures through both tokenizers, samples by class, samples without class."""
import argparse
import os

import torch
from PIL import Image, ImageDraw

from bundle import Bundle
from export import NAMES
from optim import setup
from scenes import Scenes


def paste(sheet, x, at, zoom):
    """x [3, 64, 64] in [0, 1] pasted at pixel position `at`."""
    im = Image.fromarray((x * 255).round().byte().permute(1, 2, 0).numpy())
    sheet.paste(im.resize((64 * zoom, 64 * zoom), Image.NEAREST), at)


def reconstructions(b, scenes, gen, path, nar=False):
    held = scenes.held[torch.randperm(len(scenes.held), generator=gen)[:50]]
    x, _ = scenes.compose(held, gen)
    rows = [x, b.picture(b.codes(x)), b.paint(b.tokens(x), gen, nar)]
    sheet = Image.new('RGB', (5 * (3 * 98 + 14), 10 * 102 + 16), 'white')
    draw = ImageDraw.Draw(sheet)
    draw.text((4, 2), 'original | VQGAN | tokens -> stage 2 -> picture; 50 held-out glyphs', 'black')
    for i in range(50):
        left, top = (i % 5) * (3 * 98 + 14), (i // 5) * 102 + 16
        for j, r in enumerate(rows):
            im = Image.fromarray((r[i].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())
            sheet.paste(im.resize((96, 96), Image.BICUBIC), (left + j * 98, top))
    sheet.save(path, optimize=True)


def grid(pictures, columns, path, labels=None, zoom=2):
    left = 130 if labels else 0
    rows = (len(pictures) + columns - 1) // columns
    step = 64 * zoom + 2
    sheet = Image.new('RGB', (left + columns * step, rows * step), 'white')
    for i, x in enumerate(pictures):
        paste(sheet, x, (left + (i % columns) * step, (i // columns) * step), zoom)
    for i, t in enumerate(labels or []):
        ImageDraw.Draw(sheet).text((4, i * step + step // 2 - 6), t, 'black')
    sheet.save(path, optimize=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--atlas', default='atlas.npz')
    p.add_argument('--bundle', default='bundle')
    p.add_argument('--out', default='sheets')
    p.add_argument('--only', default='reconstructions,classes,unconditional')
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seed', type=int, default=31)
    a = p.parse_args()
    setup(a.seed, a.threads)
    gen = torch.Generator().manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    b = Bundle(a.bundle)
    if 'reconstructions' in a.only:
        reconstructions(b, Scenes(a.atlas), gen, f'{a.out}/reconstructions.png')
    if 'classes' in a.only:
        c = torch.arange(9).repeat_interleave(8)
        grid(b.paint(b.dream(0, gen, c), gen), 8, f'{a.out}/classes.png', NAMES)
    if 'unconditional' in a.only:
        grid(b.paint(b.dream(64, gen), gen), 8, f'{a.out}/unconditional.png')


if __name__ == '__main__':
    main()
