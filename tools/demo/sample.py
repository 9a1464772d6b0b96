"""The sampling rules of the release, for sheets and measurements: top-k, top-p, and the masked steps of NAR."""
import math

import torch

from gpt import EOS, SPECIALS, UNK


def keep(logits, top_k=0, top_p=0.0):
    """logits [B, V] with specials already out -> probabilities of the kept set; top-p wins over top-k."""
    p = logits.float().softmax(-1)
    if top_p > 0:
        v, i = p.sort(-1, descending=True)
        v = v * (v.cumsum(-1) - v < top_p)
        p = torch.zeros_like(p).scatter_(-1, i, v)
    elif 0 < top_k < p.shape[-1]:
        v, i = p.topk(top_k)
        p = torch.zeros_like(p).scatter_(-1, i, v)
    return p / p.sum(-1, keepdim=True)


@torch.no_grad()
def autoregress(model, first, gen, prefix=None, n=256, top_k=0, top_p=0.0, temperature=1.0):
    """first [B] start ids, prefix [B, 256] source tokens or None -> tokens [B, n] without the five specials."""
    caches = [{} for _ in model.layers]
    if prefix is not None:
        x = model.embed(prefix + SPECIALS + model.n_dict, table='embed_positions_1')
        model.run(x, True, caches)
    ids, out = first[:, None], []
    for i in range(n):
        h = model.run(model.embed(ids, start=i), caches=caches)
        logits = model.output_projection(h[:, -1]) / temperature
        logits[:, :SPECIALS] = float('-inf')
        ids = torch.multinomial(keep(logits, top_k, top_p), 1, generator=gen)
        out.append(ids - SPECIALS)
    return torch.cat(out, 1)


@torch.no_grad()
def masked_steps(model, prefix, gen, steps=8, noise=4.5):
    """prefix [B, 256] source tokens -> VQGAN codes [B, 256]."""
    B, n = prefix.shape
    ids = torch.full((B, n), UNK)
    first = torch.full((B, 1), EOS)
    for s in range(steps):
        logits = model(torch.cat([first, ids], 1), prefix + SPECIALS + model.n_dict)[:, 1:].float()
        logits[..., :SPECIALS] = float('-inf')
        logp = logits.log_softmax(-1)
        drawn = torch.multinomial(logp.exp().view(B * n, -1), 1, generator=gen).view(B, n)
        hidden = ids == UNK
        drawn = torch.where(hidden, drawn, ids)
        ratio = (s + 1) / steps
        if ratio < 1:
            m = max(1, min(int(hidden[0].sum()) - 1, math.floor(n * math.cos(math.pi / 2 * ratio))))
            gumbel = -torch.log(-torch.log(torch.rand(B, n, generator=gen).clamp(1e-9, 1 - 1e-7)))
            sure = logp.gather(-1, drawn[..., None])[..., 0] + noise * (1 - ratio) * gumbel
            sure[~hidden] = float('inf')
            drawn.scatter_(1, sure.topk(m, largest=False).indices, UNK)
        ids = drawn
    return ids - SPECIALS
