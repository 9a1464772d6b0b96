"""The DINOv2-shaped ViT with registers, with the official tensor names; features of a block counted from the end."""
import torch
import torch.nn as nn
import torch.nn.functional as F

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Attn(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        B, T, D = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = (q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)).softmax(-1) @ v
        return self.proj(y.transpose(1, 2).reshape(B, T, D))


class Mlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Scale(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((dim,), 0.5))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.attn, self.mlp = Attn(dim, heads), Mlp(dim)
        self.ls1, self.ls2 = Scale(dim), Scale(dim)

    def forward(self, x):
        x = x + self.ls1.gamma * self.attn(self.norm1(x))
        return x + self.ls2.gamma * self.mlp(self.norm2(x))


class Patch(nn.Module):
    def __init__(self, dim, patch):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)


class ViT(nn.Module):
    def __init__(self, dim=192, depth=6, heads=3, patch=4, registers=4, grid=37):
        super().__init__()
        self.patch, self.grid = patch, grid
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim) * 0.02)
        self.pos_embed = nn.Parameter(torch.randn(1, 1 + grid * grid, dim) * 0.02)
        self.register_tokens = nn.Parameter(torch.randn(1, registers, dim) * 0.02)
        self.mask_token = nn.Parameter(torch.zeros(1, dim))
        self.patch_embed = Patch(dim, patch)
        self.blocks = nn.ModuleList([Block(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.register_buffer('mean', torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer('std', torch.tensor(STD).view(3, 1, 1), persistent=False)

    def positions(self, s):
        """Patch positions for an s x s grid: bicubic with the factor (s + 0.1) / 37 used as given -> [1, s*s, D]."""
        p = self.pos_embed[:, 1:].float()
        if s == self.grid:
            return p
        p = p.view(1, self.grid, self.grid, -1).permute(0, 3, 1, 2)
        f = (s + 0.1) / self.grid
        p = F.interpolate(p, scale_factor=(f, f), mode='bicubic', recompute_scale_factor=False)
        return p.flatten(2).transpose(1, 2)

    def embed(self, x, masked=None):
        """x [B, 3, H, H] in [0, 1] -> tokens [B, 1 + registers + patches, D]; masked [B, patches] bool or None."""
        x = self.patch_embed.proj((x - self.mean) / self.std).flatten(2).transpose(1, 2)
        if masked is not None:
            x = torch.where(masked[..., None], self.mask_token.to(x.dtype), x)
        x = x + self.positions(int(x.shape[1] ** 0.5)).to(x.dtype)
        cls = (self.cls_token + self.pos_embed[:, :1]).to(x.dtype)
        lead = torch.cat([cls, self.register_tokens.to(x.dtype)], 1).expand(len(x), -1, -1)
        return torch.cat([lead, x], 1)

    def features(self, x, layer=3, masked=None):
        """-> normed patch features after block depth - layer (0-based): [B, patches, D]."""
        x = self.embed(x, masked)
        for b in self.blocks[:len(self.blocks) - layer + 1]:
            x = b(x)
        return self.norm(x)[:, 1 + self.register_tokens.shape[1]:]

    def rest(self, x, layer=3):
        for b in self.blocks[len(self.blocks) - layer + 1:]:
            x = b(x)
        return x


def assign(f, centroids):
    """features [..., D], centroids [K, D] -> ids of the nearest centroid."""
    with torch.autocast(f.device.type, enabled=False):
        return (centroids.square().sum(1) - 2 * f.float() @ centroids.T).argmin(-1)
