"""Writes the bundle in the official file layout (fp16) and the pictures that come with it."""
import argparse
import json
import os
import shutil

import numpy as np
import torch
import yaml
from PIL import Image

from faces import Faces

ENC, GAN, YAML = 'models/dinov2_demo8_reg4_pretrain.pth', 'models/vqgan_demo.ckpt', 'config/vqgan/vqgan.yaml'


def config(name, dims, k, codes, pre_norm, classes=False):
    """The parts of fairseq's configuration that say what a checkpoint is."""
    stage2 = name != 'stlm'
    dim, layers, heads = dims
    task = dict(_name='image_generation_stage2' if stage2 else 'image_generation_stage1', input_size=128,
                source_vocab_size=k if stage2 else -1, target_vocab_size=codes if stage2 else k,
                augmentation='randcrop', max_target_positions=264, tokens_per_sample=264)
    model = dict(_name=name, activation_fn='gelu', dropout=0.0, attention_dropout=0.0, activation_dropout=0.0,
                 relu_dropout=0.0, decoder_embed_dim=dim, decoder_output_dim=dim, decoder_input_dim=dim,
                 decoder_ffn_embed_dim=4 * dim, decoder_layers=layers, decoder_attention_heads=heads,
                 decoder_normalize_before=pre_norm, no_decoder_final_norm=False, adaptive_softmax_cutoff=None,
                 adaptive_softmax_dropout=0, adaptive_softmax_factor=4, no_token_positional_embeddings=False,
                 share_decoder_input_output_embed=False, character_embeddings=False,
                 character_filters='[(1, 64), (2, 128), (3, 192), (4, 256), (5, 256), (6, 256), (7, 256)]',
                 character_embedding_dim=4, char_embedder_highway_layers=2, adaptive_input=False,
                 adaptive_input_factor=4, adaptive_input_cutoff=None, tie_adaptive_weights=False,
                 tie_adaptive_proj=False, decoder_learned_pos=True, layernorm_embedding=False,
                 no_scale_embedding=False, checkpoint_activations=False, offload_activations=False,
                 decoder_layerdrop=0.0, decoder_layers_to_keep=None, quant_noise_pq=0, quant_noise_pq_block_size=8,
                 quant_noise_scalar=0, min_params_to_wrap=100000000, base_layers=0, base_sublayers=1, base_shuffle=1,
                 scale_fc=False, scale_attn=False, scale_heads=False, scale_resids=False,
                 decoder_xformers_att_config=None, add_bos_token=False, tokens_per_sample=264,
                 max_target_positions=264, tpu=False, class_conditional=classes,
                 kmeans_path=f'data/faces/dinov2_demo_l3/km_{k}.npy',
                 pretrained_enc_config=dict(pretrained_enc_arch='dino_vit_base', pretrained_enc_path=ENC,
                                            pretrained_enc_proj_dim=256, pretrained_enc_withproj=True, layer=3))
    if stage2:
        model.update(vqgan_ckpt_path=GAN, vqgan_config_path=YAML)
    return dict(_name=None, common=dict(_name=None, no_progress_bar=False, log_interval=100, log_format='json', seed=1,
                                        fp16=True, user_dir='fairseq_user'),
                task=task, model=model, criterion=dict(_name='ce_loss_ls', label_smoothing=0.0),
                optimizer=dict(_name='adam', adam_betas=[0.9, 0.98], adam_eps=1e-08, weight_decay=0.01),
                lr_scheduler=dict(_name='inverse_sqrt', warmup_updates=6250, warmup_init_lr=1e-07, lr=[0.0003]))


def half(sd):
    return {k: v.half().contiguous() if v.is_floating_point() else v for k, v in sd.items()}


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--run', default='.', help='folder with faces/ and the *_final.pt files')
    p.add_argument('--out', default='bundle')
    p.add_argument('--pictures', type=int, default=64, help='per class; 0 leaves images/ alone')
    p.add_argument('--sharpen', type=float, default=1.0,
                   help='factor on the AR output rows: undoes the width that targets over near codes give its draws')
    p.add_argument('--sharpen-stage1', type=float, default=1.0,
                   help='the same for both stage 1 models: a network that has not seen enough draws too widely')
    a = p.parse_args()
    get = lambda n: torch.load(os.path.join(a.run, n), map_location='cpu')
    path = lambda *n: (os.makedirs(os.path.dirname(os.path.join(a.out, *n)), exist_ok=True), os.path.join(a.out, *n))[1]
    enc, gan = get('encoder_final.pt'), get('vqgan_final.pt')
    c = enc['centroids'].float()
    k, (codes, width) = len(c), gan['model']['quantize.embedding.weight'].shape
    torch.save(half(enc['vit']), path(ENC))
    shutil.rmtree(os.path.join(a.out, 'data'), ignore_errors=True)
    np.save(path(f'data/faces/dinov2_demo_l3/km_{k}.npy'), c.numpy())
    torch.save(dict(state_dict=half(gan['model'])), path(GAN))
    with open(path(YAML), 'w') as f:
        yaml.safe_dump(dict(model=dict(target='pixel_generator.mage.taming.models.vqgan.VQModel', params=dict(
            embed_dim=width, n_embed=codes, ddconfig=gan['dd']))), f, sort_keys=False)

    def decoder(file, folder, name, pre_norm, rows=None, classes=False, codebook=True, sharpen=1.0):
        s = get(file)
        s['model']['output_projection.weight'] *= sharpen
        m = half(s['model'])
        if rows:
            m['embed_tokens.weight'] = m['embed_tokens.weight'][:rows].clone()
        model = {f'decoder.{n}': v for n, v in m.items()}
        if codebook:                              # repeated in every file of the release; may be absent
            model.update(centroids=c.T.half().contiguous(), centroid_norm=c.square().sum(1)[None].half())
        torch.save(dict(args=None, cfg=config(name, s['dims'], k, codes, pre_norm, classes), model=model, criterion=None,
                        optimizer_history=[dict(criterion_name='CE_Loss_LS', num_updates=s.get('steps', 0))],
                        task_state={}, extra_state=dict(train_iterator=dict(version=2, epoch=1))),
                   path('outputs', folder, 'checkpoints', 'checkpoint_last.pt'))

    decoder('stage1_final.pt', 'demo_stage1', 'stlm', False, rows=k + 5, sharpen=a.sharpen_stage1)
    decoder('stage1_final.pt', 'demo_stage1_cls', 'stlm', False, classes=True, sharpen=a.sharpen_stage1)
    decoder('stage2_final.pt', 'demo_stage2', 'st2vtlm', True, sharpen=a.sharpen)
    decoder('nar_final.pt', 'demo_stage2_nar', 'st2vtlm_nar', True, codebook=False)     # keeps the bundle under 48 MB
    faces = Faces(os.path.join(a.run, 'faces'), 'held')
    with open(path('classes.json'), 'w') as f:
        json.dump([name.replace('-', ' ') for name in faces.styles], f, indent=1)
    if a.pictures:
        pictures(faces, a.out, a.pictures)
    shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'CREDITS.md'), path('CREDITS.md'))


def pictures(faces, out, n):
    """n held-out pictures a class, in folders whose order is the class id."""
    shutil.rmtree(os.path.join(out, 'images'), ignore_errors=True)
    for c, name in enumerate(faces.styles):
        folder = os.path.join(out, 'images', f'{c}-{name}')
        os.makedirs(folder)
        x, _ = faces.compose((faces.classes == c).nonzero()[:n, 0])
        for i, im in enumerate((x * 255).round().byte().permute(0, 2, 3, 1).numpy()):
            Image.fromarray(im).save(os.path.join(folder, f'{i:03d}.png'), optimize=True)


if __name__ == '__main__':
    main()
