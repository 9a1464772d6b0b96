"""The VQGAN of the release (MAGE's), with the official tensor names."""
import torch
import torch.nn as nn
import torch.nn.functional as F

DDCONFIG = dict(double_z=False, z_channels=32, resolution=128, in_channels=3, out_ch=3, ch=16, ch_mult=[1, 1, 3, 6],
                num_res_blocks=1, attn_resolutions=[16], dropout=0.0, norm_num_groups=1)


class ResnetBlock(nn.Module):
    """As released: where channels change, the shortcut is a 1x1 convolution of the block's own result."""

    def __init__(self, a, b, groups):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, a, eps=1e-6)
        self.conv1 = nn.Conv2d(a, b, 3, padding=1, bias=False)
        self.norm2 = nn.GroupNorm(groups, b, eps=1e-6)
        self.conv2 = nn.Conv2d(b, b, 3, padding=1, bias=False)
        if a != b:
            self.nin_shortcut = nn.Conv2d(b, b, 1, bias=False)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (self.nin_shortcut(h) if hasattr(self, 'nin_shortcut') else x)


class Level(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.block = nn.ModuleList(blocks)


class Upsample(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode='nearest'))


class Mid(nn.Module):
    def __init__(self, c, n, groups):
        super().__init__()
        for i in range(n):
            self.add_module(f'block_{i + 1}', ResnetBlock(c, c, groups))

    def forward(self, x):
        for b in self.children():
            x = b(x)
        return x


class Encoder(nn.Module):
    def __init__(self, ch, ch_mult, num_res_blocks, z_channels, norm_num_groups=32, mid=2, **_):
        super().__init__()
        g = norm_num_groups
        self.conv_in = nn.Conv2d(3, ch, 3, padding=1, bias=False)
        self.down, c = nn.ModuleList(), ch
        for m in ch_mult:
            blocks = []
            for _ in range(num_res_blocks):
                blocks.append(ResnetBlock(c, ch * m, g))
                c = ch * m
            self.down.append(Level(blocks))
        self.mid = Mid(c, mid, g)
        self.norm_out = nn.GroupNorm(g, c, eps=1e-6)
        self.conv_out = nn.Conv2d(c, z_channels, 1)

    def forward(self, x):
        x = self.conv_in(x)
        for i, level in enumerate(self.down):
            for b in level.block:
                x = b(x)
            if i < len(self.down) - 1:
                x = F.avg_pool2d(x, 2)
        return self.conv_out(F.silu(self.norm_out(self.mid(x))))


class Decoder(nn.Module):
    def __init__(self, ch, ch_mult, num_res_blocks, z_channels, norm_num_groups=32, mid=2, **_):
        super().__init__()
        g, c = norm_num_groups, ch * ch_mult[-1]
        self.conv_in = nn.Conv2d(z_channels, c, 3, padding=1)
        self.mid = Mid(c, mid, g)
        levels = []
        for i in reversed(range(len(ch_mult))):
            blocks = []
            for _ in range(num_res_blocks):
                blocks.append(ResnetBlock(c, ch * ch_mult[i], g))
                c = ch * ch_mult[i]
            level = Level(blocks)
            if i:
                level.upsample = Upsample(c)
            levels.insert(0, level)
        self.up = nn.ModuleList(levels)
        self.norm_out = nn.GroupNorm(g, c, eps=1e-6)
        self.conv_out = nn.Conv2d(c, 3, 3, padding=1)

    def forward(self, z):
        x = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            for b in level.block:
                x = b(x)
            if hasattr(level, 'upsample'):
                x = level.upsample(x)
        return self.conv_out(F.silu(self.norm_out(x)))


class Quantizer(nn.Module):
    def __init__(self, n, dim):
        super().__init__()
        self.embedding = nn.Embedding(n, dim)

    def nearest(self, z):
        """z [B, C, H, W] -> code ids [B, H*W]."""
        B, C = z.shape[:2]
        f, w = z.float().permute(0, 2, 3, 1).reshape(-1, C), self.embedding.weight.float()
        with torch.autocast(z.device.type, enabled=False):
            return (w.square().sum(1) - 2 * f @ w.T).argmin(1).view(B, -1)

    def lookup(self, ids):
        """ids [B, H*W] of a square grid -> z [B, C, H, W]."""
        s = int(ids.shape[1] ** 0.5)
        return self.embedding(ids).view(len(ids), s, s, -1).permute(0, 3, 1, 2)


class VQGAN(nn.Module):
    def __init__(self, n_embed, embed_dim, ddconfig=DDCONFIG, mid=2):
        super().__init__()
        self.encoder, self.decoder = Encoder(**ddconfig, mid=mid), Decoder(**ddconfig, mid=mid)
        self.quantize = Quantizer(n_embed, embed_dim)

    def encode(self, x):
        """pictures [B, 3, 128, 128] in [0, 1] -> code ids [B, 256]."""
        return self.quantize.nearest(self.encoder(x))

    def decode(self, ids):
        """code ids [B, 256] -> pictures [B, 3, 128, 128], not clipped."""
        return self.decoder(self.quantize.lookup(ids))
