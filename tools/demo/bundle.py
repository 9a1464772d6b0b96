"""Reads a bundle back from its files, as float32: what the measurements and the sheets look at."""
import glob

import numpy as np
import torch
import yaml

from gpt import EOS, SPECIALS, Decoder
from sample import autoregress, masked_steps
from vit import ViT, assign
from vqgan import VQGAN


def read(path):
    o = torch.load(path, map_location='cpu', weights_only=False)
    sd = o.get('state_dict') or o.get('model') or o
    return {k: v.float() if v.is_floating_point() else v for k, v in sd.items()}, o.get('cfg')


class Bundle:
    def __init__(self, root):
        sd, _ = read(glob.glob(f'{root}/models/dinov2*.pth')[0])
        depth = 1 + max(int(k.split('.')[1]) for k in sd if k.startswith('blocks.'))
        dim = sd['cls_token'].shape[-1]
        self.vit = ViT(dim, depth, dim // 64, sd['patch_embed.proj.weight'].shape[-1]).eval()
        self.vit.load_state_dict(sd)
        self.centroids = torch.from_numpy(np.load(glob.glob(f'{root}/data/*/*/km_*.npy')[0])).float()
        with open(f'{root}/config/vqgan/vqgan.yaml') as f:
            self.dd = yaml.safe_load(f)['model']['params']['ddconfig']
        sd, _ = read(glob.glob(f'{root}/models/vqgan*.ckpt')[0])
        n, d = sd['quantize.embedding.weight'].shape
        self.gan = VQGAN(n, d, self.dd).eval()
        self.gan.load_state_dict(sd)
        self.uncond, self.cls, self.ar, self.nar = (self.decoder(f'{root}/outputs/{n}/checkpoints/checkpoint_last.pt')
                                                    for n in ('demo_stage1', 'demo_stage1_cls', 'demo_stage2', 'demo_stage2_nar'))
        self.nar.causal = False

    def decoder(self, path):
        sd, cfg = read(path)
        m, sd = cfg['model'], {k[8:]: v for k, v in sd.items() if k.startswith('decoder.')}
        n = sd['output_projection.weight'].shape[0] - SPECIALS
        d = Decoder(m['decoder_embed_dim'], m['decoder_layers'], m['decoder_attention_heads'], m['decoder_ffn_embed_dim'], n,
                    len(sd['embed_tokens.weight']) - n - SPECIALS, 'embed_positions_1.weight' in sd,
                    m['decoder_normalize_before'], len(sd['embed_positions.weight']))
        d.load_state_dict(sd)
        return d.eval()

    @torch.no_grad()
    def features(self, x):
        return torch.cat([self.vit.features(p) for p in x.split(64)])

    def tokens(self, x):
        return assign(self.features(x), self.centroids)

    @torch.no_grad()
    def codes(self, x):
        return torch.cat([self.gan.encode(p) for p in x.split(64)])

    @torch.no_grad()
    def picture(self, codes):
        """-> [B, 3, 128, 128], truncated to 8 bits as the release does."""
        return torch.cat([(self.gan.decode(c) * 255).clamp(0, 255).byte().float() / 255 for c in codes.split(64)])

    def paint(self, sem, gen, nar=False, top_p=0.8):
        """discriminative tokens -> pictures."""
        out = []
        for s in sem.split(96):
            if nar:
                out.append(masked_steps(self.nar, s, gen))
            else:
                out.append(autoregress(self.ar, torch.full((len(s),), EOS), gen, prefix=s, top_p=top_p))
        return self.picture(torch.cat(out))

    def dream(self, n, gen, classes=None, top_k=None):
        """n unconditional or len(classes) class-conditional token grids; top-k of the release unless told."""
        m = self.uncond if classes is None else self.cls
        first = torch.full((n,), EOS) if classes is None else classes + m.n_dict
        top_k = top_k or (200 if classes is None else 300)
        return torch.cat([autoregress(m, f, gen, top_k=top_k) for f in first.split(96)])
