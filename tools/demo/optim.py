"""What every stage shares: time-boxed schedule, Muon with AdamW, and checkpoints to resume from."""
import os
import signal
import sys
import time

import torch


def setup(seed, threads=0):
    if threads:
        torch.set_num_threads(threads)
    torch.manual_seed(seed)
    dev = 'cuda' if torch.cuda.is_available() else 'cpu'
    return dev, torch.Generator(dev).manual_seed(seed)


def fast_half(dev):
    """Whether bfloat16 is the faster type here: on a GPU and on CPUs with AMX or AVX-512; elsewhere it can be 60 times slower."""
    if dev != 'cpu':
        return True
    took = []
    for kind in (torch.float32, torch.bfloat16):
        a, b = torch.randn(512, 256, dtype=kind), torch.randn(256, 512, dtype=kind)
        a @ b
        t = time.perf_counter()
        a @ b
        took.append(time.perf_counter() - t)
    return took[1] < took[0]


class Muon(torch.optim.Optimizer):
    """Momentum whose matrix updates are made orthogonal by five Newton-Schulz steps (in bfloat16 where that is fast)."""

    def __init__(self, params, lr, momentum=0.95, weight_decay=0.01, kind=torch.bfloat16):
        self.kind = kind
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            for p in g['params']:
                if p.grad is None:
                    continue
                buf = self.state[p].setdefault('m', torch.zeros_like(p))
                buf.lerp_(p.grad, 1 - g['momentum'])
                x = p.grad.lerp(buf, g['momentum']).flatten(1).to(self.kind)     # a convolution is a matrix, too
                tall = x.shape[0] > x.shape[1]
                x = x.T if tall else x
                x = x / (x.norm() + 1e-7)
                for _ in range(5):
                    a = x @ x.T
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
                x = x.T if tall else x
                p.mul_(1 - g['lr'] * g['weight_decay'])
                p.add_(x.reshape(p.shape).to(p.dtype), alpha=-g['lr'] * 0.2 * max(x.shape) ** 0.5)


def clock():
    """Seconds of training so far: of the processor on a CPU, where other work may hold this up, else by the clock."""
    return time.perf_counter() if torch.cuda.is_available() else time.process_time() / torch.get_num_threads()


class Trainer:
    """Runs step(i) until `seconds` of training are spent; the learning rate follows the share of time spent."""

    def __init__(self, model, seconds, path, lr=1e-3, muon_lr=None, matrices=(), warm=0.03, weight_decay=0.01, clip=1.0):
        self.model, self.seconds, self.path, self.warm, self.clip = model, seconds, path, warm, clip
        ids = {id(p) for p in matrices}
        rest = [p for p in model.parameters() if p.requires_grad and id(p) not in ids]
        self.opts = [torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.98), weight_decay=weight_decay)]
        if matrices:
            dev = next(model.parameters()).device.type
            kind = torch.bfloat16 if fast_half(dev) else torch.float32
            self.opts.append(Muon(list(matrices), lr=muon_lr or lr, kind=kind))
        for o in self.opts:
            for g in o.param_groups:
                g['base'] = g['lr']
        self.spent, self.i = 0.0, 0
        if path and os.path.exists(path):
            s = torch.load(path, map_location='cpu', weights_only=True)
            model.load_state_dict(s['model'])
            for o, t in zip(self.opts, s['opts']):
                bases = [g['base'] for g in o.param_groups]
                o.load_state_dict(t)
                for g, b in zip(o.param_groups, bases):                   # rates are those asked for now
                    g['base'] = b
            self.spent, self.i = s['spent'], s['i']
            print('resumed at step', self.i, flush=True)

    def save(self):
        if self.path:
            torch.save(dict(model=self.model.state_dict(), opts=[o.state_dict() for o in self.opts],
                            spent=self.spent, i=self.i), self.path + '.tmp')
            os.replace(self.path + '.tmp', self.path)

    @property
    def share(self):
        return min(1.0, self.spent / self.seconds)

    def rate(self):
        f = self.share
        return min(1.0, f / self.warm + 1e-2) * (1 - max(0.0, (f - 0.35) / 0.65)) + 0.005

    def loop(self, step, every=50):
        """step(i) -> (loss, {name: number}); logs means every `every` steps, saves each minute."""
        stop = []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(True))       # a stopped run loses no step
        sums, last, saved, first = {}, clock(), time.time(), self.i
        while self.spent < self.seconds:
            loss, info = step(self.i)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
            f = self.rate()
            for o in self.opts:
                for g in o.param_groups:
                    g['lr'] = g['base'] * f
                o.step()
            self.model.zero_grad(set_to_none=True)
            self.i += 1
            now = clock()
            self.spent, last = self.spent + now - last, now
            for k, v in dict(info, loss=loss.detach()).items():
                sums[k] = sums.get(k, 0) + float(v) / every
            if self.i % every == 0:
                print(f'{self.i} {self.spent:.0f}s', ' '.join(f'{k} {v:.4f}' for k, v in sums.items()), flush=True)
                sums = {}
            if stop:
                self.save()
                sys.exit(143)
            if time.time() - saved > 60:
                self.save()
                saved = time.time()
        if self.i > first:
            self.save()
        print(f'done: {self.i} steps, {self.spent:.0f} s', flush=True)
