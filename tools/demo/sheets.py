"""Draws the sheets: held-out pictures through both tokenizers, samples by class (two seeds), samples without class."""
import argparse
import os

import torch
from PIL import Image, ImageDraw

from bundle import Bundle
from faces import SIDE, Faces
from optim import setup

GAP = 2


def image(x):
    """[3, 128, 128] in [0, 1] -> PIL."""
    return Image.fromarray((x.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())


def reconstructions(b, faces, gen, path, columns=5, n=50):
    """Original, VQGAN, tokens to AR, tokens to NAR: four pictures a face."""
    idx = torch.arange(n)
    x, _ = faces.compose(idx)
    sem = b.tokens(x)
    rows = [x, b.picture(b.codes(x)), b.paint(sem, gen), b.paint(sem, gen, True)]
    width = len(rows) * (SIDE + GAP) + 14
    sheet = Image.new('RGB', (columns * width, (n + columns - 1) // columns * (SIDE + GAP) + 16), 'white')
    ImageDraw.Draw(sheet).text((4, 2), f'original | VQGAN | tokens to AR | tokens to NAR; {n} held-out faces', 'black')
    for i in range(n):
        for j, r in enumerate(rows):
            sheet.paste(image(r[i]), (i % columns * width + j * (SIDE + GAP), i // columns * (SIDE + GAP) + 16))
    sheet.save(path, optimize=True)


def grid(pictures, columns, path, labels=None):
    left, step = 90 if labels else 0, SIDE + GAP
    sheet = Image.new('RGB', (left + columns * step, (len(pictures) + columns - 1) // columns * step), 'white')
    for i, x in enumerate(pictures):
        sheet.paste(image(x), (left + i % columns * step, i // columns * step))
    for i, t in enumerate(labels or []):
        ImageDraw.Draw(sheet).text((4, i * step + step // 2 - 6), t, 'black')
    sheet.save(path, optimize=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--faces', default='faces')
    p.add_argument('--bundle', default='bundle')
    p.add_argument('--out', default='sheets')
    p.add_argument('--only', default='reconstructions,classes,unconditional')
    p.add_argument('--threads', type=int, default=0)
    p.add_argument('--seeds', type=int, nargs='+', default=[31, 32], help='of the class sheets')
    a = p.parse_args()
    setup(a.seeds[0], a.threads)
    os.makedirs(a.out, exist_ok=True)
    b, faces = Bundle(a.bundle), Faces(a.faces, 'held')
    fresh = lambda seed: torch.Generator().manual_seed(seed)
    if 'reconstructions' in a.only:
        reconstructions(b, faces, fresh(a.seeds[0]), f'{a.out}/reconstructions.png')
    if 'classes' in a.only:
        c = torch.arange(len(faces.styles)).repeat_interleave(8)
        for seed in a.seeds:
            gen = fresh(seed)
            grid(b.paint(b.dream(0, gen, c), gen), 8, f'{a.out}/classes-{seed}.png', faces.styles)
    if 'unconditional' in a.only:
        gen = fresh(a.seeds[0])
        grid(b.paint(b.dream(32, gen), gen), 8, f'{a.out}/unconditional.png')


if __name__ == '__main__':
    main()
