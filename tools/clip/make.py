"""Tiny CLIP image towers and what they compute: test/fixtures/clip.

The classes are those of openai/CLIP clip/model.py (MIT), at width 64 with 2 layers, patches of 8 and images of 32:
  openai.pt          the JIT archive, half precision, as the files of clip.load are
  hf.safetensors     the same weights by the names of transformers' CLIPModel, checked here against that code
  reference.npz      images, and the embeddings with QuickGELU (original) and GELU (some models of open_clip)

pip install torch numpy pillow transformers safetensors; python tools/clip/make.py
"""
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

OUT = Path(__file__).parents[2] / "test/fixtures/clip"
WIDTH, LAYERS, PATCH, SIDE, EMBED = 64, 2, 8, 32, 16
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


class QuickGELU(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * torch.sigmoid(1.702 * x)


class ResidualAttentionBlock(nn.Module):
    def __init__(self, d_model: int, n_head: int, act):
        super().__init__()
        self.attn = nn.MultiheadAttention(d_model, n_head)
        self.ln_1 = nn.LayerNorm(d_model)
        self.mlp = nn.Sequential(OrderedDict([
            ("c_fc", nn.Linear(d_model, d_model * 4)),
            ("gelu", act()),
            ("c_proj", nn.Linear(d_model * 4, d_model)),
        ]))
        self.ln_2 = nn.LayerNorm(d_model)

    def forward(self, x: torch.Tensor):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, width: int, layers: int, heads: int, act):
        super().__init__()
        self.resblocks = nn.Sequential(*[ResidualAttentionBlock(width, heads, act) for _ in range(layers)])

    def forward(self, x: torch.Tensor):
        return self.resblocks(x)


class VisionTransformer(nn.Module):
    def __init__(self, input_resolution, patch_size, width, layers, heads, output_dim, act):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, kernel_size=patch_size, stride=patch_size, bias=False)
        scale = width ** -0.5
        self.class_embedding = nn.Parameter(scale * torch.randn(width))
        self.positional_embedding = nn.Parameter(scale * torch.randn((input_resolution // patch_size) ** 2 + 1, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, layers, heads, act)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(scale * torch.randn(width, output_dim))

    def forward(self, x: torch.Tensor):
        x = self.conv1(x)
        x = x.reshape(x.shape[0], x.shape[1], -1).permute(0, 2, 1)
        x = torch.cat([self.class_embedding.to(x.dtype) + torch.zeros(x.shape[0], 1, x.shape[-1], dtype=x.dtype), x], dim=1)
        x = x + self.positional_embedding.to(x.dtype)
        x = self.ln_pre(x).permute(1, 0, 2)
        x = self.transformer(x).permute(1, 0, 2)
        return self.ln_post(x[:, 0, :]) @ self.proj


class CLIP(nn.Module):
    """The text tower is left out but for the tensors that mark a CLIP."""

    def __init__(self, act):
        super().__init__()
        self.visual = VisionTransformer(SIDE, PATCH, WIDTH, LAYERS, WIDTH // 64, EMBED, act)
        self.text_projection = nn.Parameter(torch.randn(8, EMBED))
        self.logit_scale = nn.Parameter(torch.ones([]) * 2.6593)
        self.register_buffer("input_resolution", torch.tensor(SIDE))

    def forward(self, image: torch.Tensor):
        return self.visual(image)


torch.manual_seed(7)
model = CLIP(QuickGELU).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        if "ln_" in name or name.endswith("bias"):
            p.add_(0.1 * torch.randn_like(p))
        elif "weight" in name and p.dim() == 2:
            p.mul_(2)
model.half().float()  # the weights are those of half precision
for p in model.parameters():
    p.data = p.data.half().float()
gelu = CLIP(nn.GELU).eval()
gelu.load_state_dict(model.state_dict())

y, x, c = np.meshgrid(np.arange(40), np.arange(48), np.arange(3), indexing="ij")
images = np.stack([(x * 5 + y * 3 + c * 40 + i * 17 + (x * y) % (11 + i) * 6) % 256 for i in range(3)]).astype(np.uint8)


def pixels(image: np.ndarray) -> torch.Tensor:
    """torchvision's Resize(32, BICUBIC), CenterCrop(32), ToTensor, Normalize, as in clip.load."""
    picture = Image.fromarray(image)
    short = min(picture.size)
    size = tuple(SIDE if s == short else int(SIDE * s / short) for s in picture.size)
    picture = picture.resize(size, Image.BICUBIC)
    left, top = round((picture.width - SIDE) / 2), round((picture.height - SIDE) / 2)
    array = np.asarray(picture.crop((left, top, left + SIDE, top + SIDE)))
    tensor = torch.from_numpy(array.copy()).permute(2, 0, 1).float() / 255
    return (tensor - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


batch = torch.stack([pixels(image) for image in images])
with torch.no_grad():
    quick, plain = model(batch), gelu(batch)
OUT.mkdir(parents=True, exist_ok=True)
np.savez(OUT / "reference.npz", images=images, quick=quick.numpy(), gelu=plain.numpy())
with torch.no_grad():
    half = CLIP(QuickGELU).eval()
    half.load_state_dict(model.state_dict())
    traced = torch.jit.trace(half, batch)
    for p in traced.parameters():
        p.data = p.data.half()
torch.jit.save(traced, OUT / "openai.pt")

from safetensors.torch import save_file  # noqa: E402
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection  # noqa: E402

config = CLIPVisionConfig(hidden_size=WIDTH, intermediate_size=4 * WIDTH, projection_dim=EMBED, num_hidden_layers=LAYERS,
                          num_attention_heads=WIDTH // 64, image_size=SIDE, patch_size=PATCH, hidden_act="quick_gelu")
other = CLIPVisionModelWithProjection(config).eval()
state = other.state_dict()
own = model.state_dict()
renamed = {
    "vision_model.embeddings.class_embedding": own["visual.class_embedding"],
    "vision_model.embeddings.patch_embedding.weight": own["visual.conv1.weight"],
    "vision_model.embeddings.position_embedding.weight": own["visual.positional_embedding"],
    "visual_projection.weight": own["visual.proj"].T.contiguous(),
}
for part, name in (("pre_layrnorm", "ln_pre"), ("post_layernorm", "ln_post")):
    for kind in ("weight", "bias"):
        renamed[f"vision_model.{part}.{kind}"] = own[f"visual.{name}.{kind}"]
for i in range(LAYERS):
    here, there = f"vision_model.encoder.layers.{i}", f"visual.transformer.resblocks.{i}"
    for kind in ("weight", "bias"):
        for j, part in enumerate(("q_proj", "k_proj", "v_proj")):
            whole = own[f"{there}.attn.in_proj_{kind}"]
            renamed[f"{here}.self_attn.{part}.{kind}"] = whole[j * WIDTH:(j + 1) * WIDTH].clone()
        renamed[f"{here}.self_attn.out_proj.{kind}"] = own[f"{there}.attn.out_proj.{kind}"]
        for part, name in (("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj")):
            renamed[f"{here}.{part}.{kind}"] = own[f"{there}.{name}.{kind}"]
missing, unexpected = other.load_state_dict(renamed, strict=False)
assert not unexpected and all("position_ids" in name for name in missing), (missing, unexpected)
with torch.no_grad():
    difference = (other(pixel_values=batch).image_embeds - quick).abs().max()
assert difference < 1e-5, difference
print("transformers agrees to", float(difference))
save_file({name: tensor.half().contiguous() for name, tensor in renamed.items()}, OUT / "hf.safetensors")
(OUT / "config.json").write_text('{"model_type": "clip", "vision_config": {"hidden_act": "quick_gelu"}}\n')


def mmd(x, y, sigma=10, scale=1000):
    """google-research/cmmd distance.py (Apache 2.0), in NumPy."""
    xs, ys = np.diag(x @ x.T), np.diag(y @ y.T)
    gamma = 1 / (2 * sigma ** 2)
    k = lambda a, b, an, bn: np.mean(np.exp(-gamma * (-2 * a @ b.T + an[:, None] + bn[None, :])))
    return scale * (k(x, x, xs, xs) + k(y, y, ys, ys) - 2 * k(x, y, xs, ys))


def rows(n, shift):
    i, j = np.meshgrid(np.arange(n), np.arange(6), indexing="ij")
    values = np.sin(i * 1.7 + j * j * 0.9 + shift) + 0.3 * j
    values = values.astype(np.float32).astype(np.float64)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


print("CMMD of 7 and 5 rows", repr(float(mmd(rows(7, 0), rows(5, 0.5)))))
