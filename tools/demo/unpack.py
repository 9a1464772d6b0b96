"""Writes a bundle's weights as the files that training leaves, so that any stage can go on from a bundle."""
import argparse
import os

import torch

from bundle import Bundle


def main():
    p = argparse.ArgumentParser()
    p.add_argument('bundle')
    p.add_argument('--out', default='.')
    p.add_argument('--sharpened', type=float, default=1.0, help="what export.py multiplied AR's output rows by")
    p.add_argument('--sharpened-stage1', type=float, default=1.0, help='the same of stage 1')
    a = p.parse_args()
    b = Bundle(a.bundle)
    save = lambda name, **o: torch.save(o, os.path.join(a.out, name))
    dims = lambda d: [d.dim, len(d.layers), d.layers[0].self_attn.heads]
    save('encoder_final.pt', vit=b.vit.state_dict(), centroids=b.centroids)
    save('vqgan_final.pt', model=b.gan.state_dict(), dd=b.dd)
    b.cls.output_projection.weight.data /= a.sharpened_stage1
    save('stage1_final.pt', model=b.cls.state_dict(), dims=dims(b.cls))      # holds the unconditional one's rows, too
    b.ar.output_projection.weight.data /= a.sharpened
    save('stage2_final.pt', model=b.ar.state_dict(), dims=dims(b.ar))
    save('nar_final.pt', model=b.nar.state_dict(), dims=dims(b.nar))


if __name__ == '__main__':
    main()
