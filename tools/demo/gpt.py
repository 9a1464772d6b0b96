"""The fairseq-shaped transformer decoder of stage 1, stage 2 AR and stage 2 NAR, with the official tensor names."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

SPECIALS = 5          # <s> 0, <pad> 1, </s> 2, <unk> 3, <n> 4
EOS, UNK = 2, 3


def in_blocks(q, k, v, rows=128):
    """Causal attention, `rows` queries at a time over what they may see: on a CPU twice as fast as PyTorch's own."""
    T, out = q.shape[2], []
    mask = torch.full((T, T), -1e4, device=q.device, dtype=q.dtype).triu(1)
    for a in range(0, T, rows):
        b = min(a + rows, T)
        scores = q[:, :, a:b] * q.shape[-1] ** -0.5 @ k[:, :, :b].transpose(-1, -2) + mask[a:b, :b]
        out.append(scores.softmax(-1) @ v[:, :, :b])
    return torch.cat(out, 2)


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(dim, dim)
        self.v_proj = nn.Linear(dim, dim)
        self.q_proj = nn.Linear(dim, dim)
        self.out_proj = nn.Linear(dim, dim)

    def forward(self, x, causal=False, cache=None):
        """x [B, T, D]; cache: a dict that keeps keys and values while sampling."""
        B, T, D = x.shape
        split = lambda y: y.view(B, T, self.heads, -1).transpose(1, 2)
        q, k, v = split(self.q_proj(x)), split(self.k_proj(x)), split(self.v_proj(x))
        if cache is not None:
            if 'k' in cache:
                k, v = torch.cat([cache['k'], k], 2), torch.cat([cache['v'], v], 2)
            cache['k'], cache['v'] = k, v
        y = in_blocks(q, k, v) if causal else F.scaled_dot_product_attention(q, k, v)
        return self.out_proj(y.transpose(1, 2).reshape(B, T, D))


class Layer(nn.Module):
    def __init__(self, dim, heads, ffn, pre_norm):
        super().__init__()
        self.pre_norm = pre_norm
        self.self_attn = Attention(dim, heads)
        self.self_attn_layer_norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, ffn)
        self.fc2 = nn.Linear(ffn, dim)
        self.final_layer_norm = nn.LayerNorm(dim)

    def forward(self, x, causal=False, cache=None):
        ffn = lambda y: self.fc2(F.gelu(self.fc1(y)))
        if self.pre_norm:
            x = x + self.self_attn(self.self_attn_layer_norm(x), causal, cache)
            return x + ffn(self.final_layer_norm(x))
        x = self.self_attn_layer_norm(x + self.self_attn(x, causal, cache))
        return self.final_layer_norm(x + ffn(x))


def cell_waves(dim, side=16):
    """Sines and cosines of row and column of each cell in raster order -> [side * side, dim]: a start for positions."""
    f = torch.exp(torch.linspace(math.log(0.12), math.log(2.5), dim // 4))
    w = torch.arange(side)[:, None] * f
    w = torch.cat([w.sin(), w.cos()], 1)
    return torch.cat([w[:, None].expand(-1, side, -1), w[None].expand(side, -1, -1)], 2).reshape(side * side, dim)


class Decoder(nn.Module):
    """target: size of the predicted vocabulary (without specials); extra: further input rows
    (classes of stage 1, source tokens + 5 of stage 2); prefix: whether embed_positions_1 exists."""

    def __init__(self, dim, layers, heads, ffn, target, extra=0, prefix=False, pre_norm=True, positions=266):
        super().__init__()
        self.dim, self.n_dict, self.causal = dim, target + SPECIALS, True
        self.register_buffer('version', torch.tensor([3.0]))
        self.embed_tokens = nn.Embedding(self.n_dict + extra, dim)
        self.embed_positions = nn.Embedding(positions, dim)
        self.layers = nn.ModuleList([Layer(dim, heads, ffn, pre_norm) for _ in range(layers)])
        if pre_norm:
            self.layer_norm = nn.LayerNorm(dim)
        self.output_projection = nn.Linear(dim, self.n_dict, bias=False)
        if prefix:
            self.embed_positions_1 = nn.Embedding(positions, dim)
        nn.init.normal_(self.embed_tokens.weight, std=dim ** -0.5)
        nn.init.normal_(self.output_projection.weight, std=dim ** -0.5)
        for n, p in self.named_parameters():
            if 'embed_positions' in n:
                nn.init.normal_(p, std=0.02)
                n_cells = min(256, positions - 2)
                p.data[2:2 + n_cells] += 0.7 * cell_waves(dim)[:n_cells]    # row 2 + p: the cell predicted there
            elif n.endswith('.bias'):
                nn.init.zeros_(p)
            elif 'out_proj.weight' in n or 'fc2.weight' in n:
                nn.init.xavier_uniform_(p, gain=0.5)
            elif p.dim() == 2 and 'layers' in n:
                nn.init.xavier_uniform_(p)

    def embed(self, ids, start=0, table='embed_positions'):
        """ids [B, T] -> [B, T, D]; the first token has position row 2."""
        rows = torch.arange(2 + start, 2 + start + ids.shape[1], device=ids.device)
        return math.sqrt(self.dim) * self.embed_tokens(ids) + getattr(self, table)(rows)

    def run(self, x, causal=False, caches=None):
        """x [B, T, D] through all layers -> [B, T, D]."""
        for i, layer in enumerate(self.layers):
            x = layer(x, causal, None if caches is None else caches[i])
        return self.layer_norm(x) if hasattr(self, 'layer_norm') else x

    def forward(self, ids, prefix=None):
        """ids [B, T] (</s> or class first), prefix [B, P] source ids of stage 2 -> logits [B, T, n_dict]."""
        x = self.embed(ids)
        if prefix is not None:
            x = torch.cat([self.embed(prefix, table='embed_positions_1'), x], 1)
        x = self.run(x, self.causal)
        return self.output_projection(x[:, -ids.shape[1]:])
