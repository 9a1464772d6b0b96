"""Renders every emoji glyph without skin tones once into atlas.npz: the raw material of all training pictures."""
import argparse

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

FONT = '/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf'
LIST = '/usr/share/unicode/emoji/emoji-test.txt'
GROUPS = ['Smileys & Emotion', 'People & Body', 'Animals & Nature', 'Food & Drink', 'Travel & Places',
          'Activities', 'Objects', 'Symbols', 'Flags']
SIZE = 68             # half of the 136-pixel bitmap strike


def read_list(path):
    """-> [(group id, text, name)] of fully-qualified emoji without skin tones."""
    out, group = [], None
    for line in open(path, encoding='utf-8'):
        if line.startswith('# group:'):
            group = line.split(':', 1)[1].strip()
        elif '; fully-qualified' in line and group in GROUPS:
            codes = [int(c, 16) for c in line.split(';')[0].split()]
            if any(0x1F3FB <= c <= 0x1F3FF for c in codes):
                continue
            name = line.split('#', 1)[1].split(' ', 3)[3].strip()
            out.append((GROUPS.index(group), ''.join(map(chr, codes)), name))
    return out


def render(font, text):
    """-> premultiplied RGBA u8 [SIZE, SIZE, 4], or None when the font has no single glyph for the text."""
    if font.getlength(text) > 140:
        return None
    im = Image.new('RGBA', (136, 136), (0, 0, 0, 0))
    ImageDraw.Draw(im).text((0, 4), text, font=font, embedded_color=True, anchor='lt')
    a = np.asarray(im).astype(np.float32)
    box = np.argwhere(a[..., 3] > 8)
    if len(box) < 50:
        return None
    (y0, x0), (y1, x1) = box.min(0), box.max(0) + 1      # centre what is drawn
    b = np.zeros_like(a)
    oy, ox = (136 - (y1 - y0)) // 2, (136 - (x1 - x0)) // 2
    b[oy:oy + y1 - y0, ox:ox + x1 - x0] = a[y0:y1, x0:x1]
    b[..., :3] *= b[..., 3:] / 255
    return b.reshape(SIZE, 2, SIZE, 2, 4).mean((1, 3)).round().astype(np.uint8)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--font', default=FONT)
    p.add_argument('--list', default=LIST)
    p.add_argument('--out', default='atlas.npz')
    a = p.parse_args()
    assert features.check('raqm'), 'Pillow needs raqm: joined emoji are ligatures'
    font = ImageFont.truetype(a.font, 109, layout_engine=ImageFont.Layout.RAQM)
    rows = [(g, n, render(font, t)) for g, t, n in read_list(a.list)]
    kept = [r for r in rows if r[2] is not None]
    groups = np.array([r[0] for r in kept])
    held = np.zeros(len(kept), bool)
    held[np.random.RandomState(7).permutation(len(kept))[:len(kept) // 12]] = True
    np.savez_compressed(a.out, glyphs=np.stack([r[2] for r in kept]), groups=groups, held=held,
                        names=np.array([r[1] for r in kept]))
    print(len(rows), 'listed,', len(kept), 'drawn,', int(held.sum()), 'held out; per group', np.bincount(groups))


if __name__ == '__main__':
    main()
