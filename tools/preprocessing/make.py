"""Writes test/fixtures/images/preprocessed.json: the sha256 of what torchvision's Resize(256, BICUBIC) and CenterCrop
make of pictures of many sizes, and the pictures of test/fixtures/images/orientation with their pixels after Image.open.

Run once in the project's root with Pillow and numpy (`python3 tools/preprocessing/make.py`); the tests read the files
and need no Python. Resize and CenterCrop are written out as torchvision.transforms.functional has them for PIL images.
"""
import hashlib
import json
import os

import numpy as np
from PIL import Image

OUT = 'test/fixtures/images'
RESIZE = 256


def pattern(width, height):
    """Every level and sharp edges: byte i is (i * i * 7 + i / 16) mod 256."""
    i = np.arange(width * height * 3, dtype=np.int64)
    return ((i * i * 7 + (i >> 4)) % 256).astype(np.uint8).reshape(height, width, 3)


def resize_and_crop(image, size, crop):
    width, height = image.size
    short, long = min(width, height), max(width, height)
    to = int(size * long / short)
    image = image.resize((size, to) if width <= height else (to, size), Image.BICUBIC)
    left, top = int(round((image.width - crop) / 2)), int(round((image.height - crop) / 2))
    return image.crop((left, top, left + crop, top + crop))


random = np.random.default_rng(11)
sizes = [(1, 1), (1, 7), (2, 1), (3, 4000), (4000, 3), (223, 223), (224, 224), (224, 225), (225, 224), (255, 256),
         (256, 256), (256, 300), (257, 256), (300, 256), (512, 512)]
sizes += [tuple(int(v) for v in np.exp(random.uniform(0, np.log(700), 2)).astype(int)) for _ in range(25)]
rows = []
for width, height in sizes:
    image = Image.fromarray(pattern(width, height))
    digest = {crop: hashlib.sha256(resize_and_crop(image, RESIZE, crop).tobytes()).hexdigest() for crop in (256, 224)}
    rows.append({'width': width, 'height': height, 'crop256': digest[256], 'crop224': digest[224]})
with open(f'{OUT}/preprocessed.json', 'w') as file:
    json.dump(rows, file, indent=1)
    file.write('\n')

W, H = 12, 9
folder = f'{OUT}/orientation'
for kind in ('jpg', 'png', 'tif', 'tif-deflate', 'webp'):
    os.makedirs(f'{folder}/{kind}', exist_ok=True)
picture = Image.fromarray(pattern(W, H))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(f'{folder}/tif/{orientation}.tif', tiffinfo={0x0112: orientation})
    picture.save(f'{folder}/tif-deflate/{orientation}.tif', tiffinfo={0x0112: orientation}, compression='tiff_adobe_deflate')
    picture.save(f'{folder}/png/{orientation}.png', exif=exif)
    picture.save(f'{folder}/webp/{orientation}.webp', exif=exif, lossless=True)
    picture.save(f'{folder}/jpg/{orientation}.jpg', exif=exif, quality=95)
pixels = {}
for name in sorted(f'{kind}/{name}' for kind in os.listdir(folder) for name in os.listdir(f'{folder}/{kind}')):
    with Image.open(f'{folder}/{name}') as image:
        rgb = image.convert('RGB')
        pixels[name] = {'width': rgb.width, 'height': rgb.height, 'sha256': hashlib.sha256(rgb.tobytes()).hexdigest()}
with open(f'{OUT}/orientation.json', 'w') as file:
    json.dump(pixels, file, indent=1)
    file.write('\n')
