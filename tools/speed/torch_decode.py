"""Milliseconds a token of a transformer of base size in PyTorch, beside which `npm run bench -- --only gpu,quantised` is read.

A decoder as fairseq builds it (16 layers of 1024, 16 heads, 4096 in the MLP, post-norm, a cache of keys and values with
room for the whole grid), random weights, one token a step, drawn on the device with top-k 200. Only the time counts.

    python tools/speed/torch_decode.py --device cuda --precision fp32,fp16 --batch 1,16,64,256
    python tools/speed/torch_decode.py --device cpu --precision fp32,int8 --batch 1,4,16
"""

import argparse
import time

import torch
from torch import nn
from torch.nn import functional

DIM, HEADS, FFN, LAYERS, VOCABULARY, TOP_K = 1024, 16, 4096, 16, 8197, 200


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)
        self.fc1, self.fc2 = nn.Linear(DIM, FFN), nn.Linear(FFN, DIM)
        self.norm1, self.norm2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)

    def forward(self, x, keys, values, at):
        q, k, v = self.qkv(x).view(-1, 3, HEADS, DIM // HEADS).unbind(1)  # [B, H, D] each
        keys[:, :, at], values[:, :, at] = k, v
        seen = slice(0, at + 1)
        mixed = functional.scaled_dot_product_attention(q[:, :, None], keys[:, :, seen], values[:, :, seen])
        x = self.norm1(x + self.out(mixed.flatten(1)))
        return self.norm2(x + self.fc2(functional.gelu(self.fc1(x))))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(VOCABULARY, DIM), nn.Linear(DIM, VOCABULARY, bias=False)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids, cache, at):
        x = self.embed(ids)
        for layer, (keys, values) in zip(self.layers, cache):
            x = layer(x, keys, values, at)
        values, order = self.head(x).float().softmax(-1).topk(TOP_K)
        return order.gather(1, torch.multinomial(values, 1))[:, 0]


def milliseconds(model, device, dtype, batch, tokens):
    def grid():
        shape = (batch, HEADS, tokens, DIM // HEADS)
        cache = [(torch.zeros(shape, device=device, dtype=dtype), torch.zeros(shape, device=device, dtype=dtype)) for _ in range(LAYERS)]
        ids = torch.full((batch,), 2, device=device)
        for at in range(tokens):
            ids = model(ids, cache, at)
        return ids.cpu()

    with torch.inference_mode():
        grid()
        start = time.perf_counter()
        grid()
        return 1000 * (time.perf_counter() - start) / tokens


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--device', default='cuda')
    parser.add_argument('--precision', default='fp32,fp16')
    parser.add_argument('--batch', default='1,16,64,256')
    parser.add_argument('--tokens', type=int, default=256)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    for precision in arguments.precision.split(','):
        dtype = torch.float16 if precision == 'fp16' else torch.float32
        model = Decoder().eval().to(arguments.device, dtype)
        if precision == 'int8':
            model = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
        for batch in map(int, arguments.batch.split(',')):
            step = milliseconds(model, arguments.device, dtype, batch, arguments.tokens)
            # An image has two grids of 256 tokens.
            print(f'{precision}, batch {batch}: {step:.2f} ms a step, {1000 * batch / step / 512:.2f} images/s', flush=True)


if __name__ == '__main__':
    main()
