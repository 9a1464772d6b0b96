"""Initial weights of the decoders: positions as waves, heads that look at given cells, and in stage 2 each cell's most
likely codes given its own source token, so that training starts from there."""
import torch

from gpt import SPECIALS

FREQUENCIES, PER_HEAD = 16, 7
WAVES = 4 * FREQUENCIES          # dimensions of the waves; one more tells source from target, the rest are the token's
# Where each head looks, as (source or written cells, rows down, columns right), layer by layer; the others start at random.
# The code of cell p is the input that predicts cell p + 1, so "written, -1, 1" is the code of the cell above.
S, W = 1, -1
STAGE1 = [[(W, -1, 1), (W, 0, 0)], [(W, -1, 1), (W, 0, -1)], [(W, -1, 2), (W, -2, 1)], [(W, -1, 1)]]
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


def factors(counts, rank, steps=120):
    """counts [K, V] of code v in cells of cluster k -> A [K, rank], B [V, rank], b [V]: log P(v | k) = A B' + b, nearly."""
    p = (counts + 0.02) / (counts + 0.02).sum(1, keepdim=True)
    logs = p.log().clamp(min=-9)
    weight = (counts.sum(1, keepdim=True) / counts.sum() + 1e-4).sqrt()
    u, s, v = torch.svd_lowrank(weight * (logs - logs.mean(1, keepdim=True)), q=rank, niter=4)
    parts = [(u * s.sqrt() / weight).requires_grad_(), (v * s.sqrt()).requires_grad_(), torch.zeros(counts.shape[1]).requires_grad_()]
    opt = torch.optim.Adam(parts, 0.05)
    share = counts / counts.sum()
    for _ in range(steps):
        loss = -(share * (parts[0] @ parts[1].T + parts[2]).log_softmax(1)).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f'codes given the own cluster: {loss.item():.3f} nats', flush=True)
    return [q.detach() for q in parts]


ANSWER = slice(WAVES + 1, WAVES + 65)          # stage 2: dimensions in which the codes to come are told


def start(model, centroids, codes=None, counts=None):
    """Sets up a fresh decoder: stage 1 from the centroids; stage 2 from the codes and the counts of codes by cluster."""
    likely = None if counts is None else factors(counts, ANSWER.stop - ANSWER.start)
    with torch.no_grad():
        fill(model, centroids, codes, likely)


def fill(model, centroids, codes, likely):
    n, dim = model.n_dict, model.dim
    stage2 = codes is not None
    model.embed_tokens.weight.mul_(0.1)
    table, out = model.embed_tokens.weight, model.output_projection.weight
    if stage2:
        a, b, bias = likely
        table[SPECIALS:n] = 0
        table[SPECIALS:n, ANSWER.stop:] = 0.5 * rows(codes, dim - ANSWER.stop)
        table[n + SPECIALS:] = 0
        table[n + SPECIALS:, ANSWER] = a / dim ** 0.5
        scale = dim ** 0.5 / (60 + 32 + 48 + a.square().sum(1).mean()) ** 0.5        # of the last LayerNorm, about
        out[SPECIALS:] = 0
        out[SPECIALS:, ANSWER] = b / scale
        out[SPECIALS:, WAVES] = -bias / (5.7 * scale)
        for layer in model.layers:
            layer.self_attn.out_proj.weight.mul_(0.3)
            layer.fc2.weight.mul_(0.3)
        size = dim // model.layers[0].self_attn.heads
        for i, layer in enumerate(model.layers[:(ANSWER.stop - ANSWER.start) // size]):    # head 0 looks at the own cell
            att, at = layer.self_attn, torch.arange(size) + ANSWER.start + i * size
            att.v_proj.weight[:size] = 0
            att.v_proj.weight[torch.arange(size), at] = (60 + 32 + a.square().sum(1).mean()) ** 0.5 / dim ** 0.5
            att.out_proj.weight[:, :size] = 0
            att.out_proj.weight[at, torch.arange(size)] = 1
    else:
        own = rows(centroids, dim - WAVES - 1)
        table[n:].mul_(10)                                                      # the classes
        table[SPECIALS:n, :WAVES + 1] = 0
        table[SPECIALS:n, WAVES + 1:] = 0.7 * own
        out[SPECIALS:, :WAVES + 1] = 0
        out[SPECIALS:, WAVES + 1:] = own
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
            a.q_proj.weight[at], a.k_proj.weight[at] = (2.2 if stage2 and h == 0 else 1.5) * q, 1.5 * k
            a.k_proj.weight[at.start + 4 * PER_HEAD, WAVES] = 1
            a.q_proj.bias[at.start + 4 * PER_HEAD] = 5.0 * side
