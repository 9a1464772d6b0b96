"""Compares these model definitions with reference outputs of the original code: check_official.py FIXTURE_FOLDER."""
import sys

import numpy as np
import torch

from gpt import Decoder, EOS
from vit import ViT, assign
from vqgan import VQGAN

root = sys.argv[1]
ref = np.load(f'{root}/reference/reference.npz')
T = lambda k: torch.from_numpy(ref[k])


def load(path):
    o = torch.load(f'{root}/{path}', map_location='cpu', weights_only=False)
    return {k: v.float() for k, v in (o.get('state_dict') or o.get('model') or o).items()}, o.get('cfg')


def decoder(name, **kw):
    sd, _ = load(f'outputs/{name}/checkpoints/checkpoint_last.pt')
    sd = {k[8:]: v for k, v in sd.items() if k.startswith('decoder.')}
    o = torch.load(f'{root}/outputs/{name}/checkpoints/checkpoint_last.pt', map_location='cpu', weights_only=False)
    m = o['cfg']['model']
    get = m.get if isinstance(m, dict) else lambda k: getattr(m, k)
    n = sd['output_projection.weight'].shape[0] - 5
    d = Decoder(get('decoder_embed_dim'), get('decoder_layers'), get('decoder_attention_heads'),
                get('decoder_ffn_embed_dim'), n, len(sd['embed_tokens.weight']) - n - 5,
                'embed_positions_1.weight' in sd, get('decoder_normalize_before'), len(sd['embed_positions.weight']))
    print(name, d.load_state_dict(sd, strict=False))
    return d.eval()


def say(name, a, b):
    print(f'{name}: max difference {(a - b).abs().max():.2e}')


with torch.no_grad():
    sd, _ = load('models/dinov2_tiny14_reg4_pretrain.pth')
    dim, depth = sd['cls_token'].shape[-1], 1 + max(int(k.split('.')[1]) for k in sd if k.startswith('blocks.'))
    v = ViT(dim, depth, dim // 64, 14)
    print('vit', v.load_state_dict(sd, strict=False))
    x = T('x224')
    x = x * v.std + v.mean
    f = v.features(x)
    say('features', f, T('features')[:1])
    c = torch.from_numpy(np.load(f'{root}/data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy'))
    print('tokens equal', (assign(f, c) == T('sem_tokens')[:1]).float().mean().item())
    sd, _ = load('models/vqgan_jax_strongaug.ckpt')
    g = VQGAN(48, 32, dict(ch=32, ch_mult=[1, 1, 1, 1, 2], num_res_blocks=1, z_channels=32))
    print('vqgan', g.load_state_dict(sd, strict=False))
    im = T('image_u8')[:2].permute(0, 3, 1, 2).float() / 255
    print('codes equal', (g.encode(im) == T('vq_tokens')).float().mean().item())
    say('pixels', g.decode(T('vq_tokens').long()), T('vq_pixels'))
    eos = torch.full((2, 1), EOS)
    sem, vq = T('sem_tokens').long()[:2], T('vq_tokens').long()
    s1 = decoder('tiny_stage1')
    say('stage 1', s1(torch.cat([eos, sem + 5], 1)), T('stage1_logits'))
    sc = decoder('tiny_stage1_cls')
    cls = T('cls_ids').long()[:, None] + sc.n_dict
    say('stage 1 cls', sc(torch.cat([cls, sem[:len(cls)] + 5], 1)), T('stage1_cls_logits'))
    s2 = decoder('tiny_stage2')
    say('stage 2', s2(torch.cat([eos, vq + 5], 1), sem + 5 + s2.n_dict), T('stage2_logits'))
    nar = decoder('tiny_stage2_nar')
    nar.causal = False
    vin = T('nar_input_vq').long()
    vin = torch.where(vin < 0, 3, vin + 5)
    say('nar', nar(torch.cat([eos, vin], 1), sem + 5 + nar.n_dict)[:, 1:], T('nar_logits'))
