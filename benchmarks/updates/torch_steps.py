#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Takes optimizer steps with PyTorch, one for each line that it reads, and answers with the seconds.

    torch_steps.py WORK NUMBERS THREADS

WORK is RULE/TENSORS such as adam/100. It prints the names of its variants, then for each line
"VARIANT" takes a step and prints the seconds that it took; for "points" the first eight parameters.
Ends with status 77 where PyTorch is missing.
"""

import sys
import time

try:
    import torch
except ImportError:
    sys.exit(77)

RULES = {
    "adam": lambda p, each: torch.optim.Adam(p, lr=1e-3, foreach=each),
    "adamw": lambda p, each: torch.optim.AdamW(p, lr=1e-3, weight_decay=0.01, foreach=each),
    "momentum": lambda p, each: torch.optim.SGD(p, lr=1e-3, momentum=0.9, foreach=each),
}


class Variant:
    """The numbers cut into tensors, and an optimizer over them."""

    def __init__(self, rule, numbers, tensors, each):
        place = torch.arange(numbers, dtype=torch.int64)
        start = ((place * 7919) % 1009).float() / 504.5 - 1
        gradient = ((place * 6247) % 997).float() / 498.5 - 1
        self.parameters = [torch.nn.Parameter(x.clone()) for x in start.chunk(tensors)]
        for parameter, part in zip(self.parameters, gradient.chunk(tensors)):
            parameter.grad = part.clone()
        self.optimizer = RULES[rule](self.parameters, each)

    def step(self):
        begin = time.perf_counter()
        self.optimizer.step()
        return time.perf_counter() - begin


def main():
    work, numbers, threads = sys.argv[1:4]
    rule, tensors = work.split("/")
    torch.set_num_threads(int(threads))
    variants = {"foreach": True, "single": False}
    variants = {name: Variant(rule, int(numbers), int(tensors), each)
                for name, each in variants.items()}
    print(*variants, flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word in variants:
            print(variants[word].step(), flush=True)
        else:
            for variant in variants.values():
                print(*variant.parameters[0][:8].tolist(), flush=True)


main()
