"""A start for both stages: positions as waves, tokens as projections of their codebooks, and heads that look at given cells."""
import torch

from gpt import SPECIALS

FREQUENCIES, PER_HEAD = 16, 7
WAVES = 4 * FREQUENCIES          # dimensions of the waves; one more tells source from target, the rest are the token's
# Where each head looks, as (source or written cells, rows down, columns right), layer by layer; the others start at random.
# The code of cell p is the input that predicts cell p + 1, so "written, -1, 1" is the code of the cell above.
S, W = 1, -1
STAGE1 = [[(W, -1, 1), (W, 0, 0), (W, -1, 2)], [(W, -1, 1), (W, 0, -1), (W, -2, 1)], [(W, -1, 1), (W, 0, 0)]]
STAGE2 = [[(S, 0, 0), (S, 0, 1), (S, 1, 0), (S, 0, -1), (S, -1, 0), (W, -1, 1)],
          [(S, 0, 0), (S, 1, 1), (S, 1, -1), (S, -1, 1), (S, -1, -1), (W, 0, 0)],
          [(S, 0, 0), (S, 0, 2), (S, 2, 0), (W, 0, -1), (W, -1, 0)],
          [(S, 0, 0), (S, 0, 1), (S, 1, 0), (W, -1, 1)]]


def waves(side=16):
    """-> frequencies [F], waves of each cell in raster order [side * side, 4 F]: sin and cos of row, then of column."""
    f = torch.linspace(0.15, 2.6, FREQUENCIES)
    a = torch.arange(side)[:, None] * f
    a = torch.stack([a.sin(), a.cos()], 2).flatten(1)
    return f, torch.cat([a[:, None].expand(-1, side, -1), a[None].expand(side, -1, -1)], 2).reshape(side * side, -1)


def rows(book, width):
    """codebook [K, D] -> [K, width]: its principal parts along random directions, of norm about one."""
    c = book - book.mean(0)
    c = c @ torch.linalg.svd(c, full_matrices=False)[2][:width].T
    return c @ torch.linalg.qr(torch.randn(width, width))[0][:c.shape[1]] / c.square().sum(1).mean().sqrt()


@torch.no_grad()
def start(model, centroids, codes=None):
    """Sets up a fresh decoder: stage 2 from both codebooks, stage 1 from the centroids alone."""
    n, dim = model.n_dict, model.dim
    stage2 = codes is not None
    model.embed_tokens.weight.mul_(0.1)
    table = model.embed_tokens.weight

    def fill(part, book):
        part[:, :WAVES + 1] = 0
        part[:, WAVES + 1:] = book

    if not stage2:
        table[n:].mul_(10)                                                      # the classes
    own = rows(codes if stage2 else centroids, dim - WAVES - 1)
    fill(table[SPECIALS:n], 0.7 * own)
    fill(model.output_projection.weight[SPECIALS:], own)
    if stage2:
        fill(table[n + SPECIALS:], 0.7 * rows(centroids, dim - WAVES - 1))
    f, w = waves()
    tables = [(S, model.embed_positions_1), (W, model.embed_positions)] if stage2 else [(W, model.embed_positions)]
    for side, part in tables:
        part.weight.normal_(std=0.02)
        part.weight[2:258, :WAVES] += 1.4 * w
        part.weight[:, WAVES] += 5.7 * side
    for layer, heads in zip(model.layers, STAGE2 if stage2 else STAGE1):
        a = layer.self_attn
        size = dim // a.heads
        assert size > 4 * PER_HEAD, f'heads of {size} dimensions: the places need {4 * PER_HEAD + 1}'
        for h, (side, down, right) in enumerate(heads):
            at = slice(h * size, (h + 1) * size)
            q, k = torch.zeros(size, dim), torch.zeros(size, dim)
            for j in range(PER_HEAD):
                i = 2 * j + 1 + h % 2 if j < PER_HEAD - 1 else 2 * j + 1        # of the 16 frequencies
                for axis, move in ((0, down), (1, right)):
                    s = 2 * FREQUENCIES * axis + 2 * i
                    d = 4 * j + 2 * axis
                    t = f[i] * move
                    q[d, s], q[d, s + 1] = t.cos(), t.sin()                     # sin(f (p + move))
                    q[d + 1, s], q[d + 1, s + 1] = -t.sin(), t.cos()            # cos(f (p + move))
                    k[d, s] = k[d + 1, s + 1] = 1
            a.q_proj.weight[at], a.k_proj.weight[at] = 1.5 * q, 1.5 * k
            a.k_proj.weight[at.start + 4 * PER_HEAD, WAVES] = 1
            a.q_proj.bias[at.start + 4 * PER_HEAD] = 5.0 * side
