#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains networks with PyTorch, as it is told line by line.

    torch_training.py THREADS wall|processor

It prints the names of its variants. Then, for "load FOLDER WIDTHS BATCH STEPS" it begins anew with the
examples, parameters and order of FOLDER, a network of WIDTHS such as 784-256-10, or of an LSTM and a
dense layer where there are STEPS, and prints "ready"; for "VARIANT STEPS" it takes so many steps and prints the seconds and the mean loss; for
"product SIZE" it multiplies two square matrices of floats and prints the seconds. Seconds are those
of the wall clock or of the processor. Ends with status 77 where PyTorch is missing.
"""

import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
try:
    import torch

    from torch_numbers import numbers, square_product
except ImportError:
    sys.exit(77)

RATE = 0.01
DECAY = 0.9
clock = time.process_time if sys.argv[2] == "processor" else time.perf_counter


class Examples:
    def __init__(self, folder, features, batch, steps):
        self.features = numbers(folder, "features.f32", "float32").reshape(-1, features)
        self.classes = numbers(folder, "classes.i64", "int64")
        self.across = 0 if steps == 1 else 1
        if steps > 1:  # steps outside, as an LSTM takes them fastest
            self.features = self.features.reshape(-1, steps, features).transpose(0, 1).contiguous()
            self.classes = self.classes.reshape(-1, steps).t().contiguous()
        self.order = numbers(folder, "order.i64", "int64").reshape(-1, batch)


class Lstm(torch.nn.Module):
    """An LSTM and a dense layer on every step. One of its two biases is enough."""

    def __init__(self, features, units, classes):
        super().__init__()
        self.lstm = torch.nn.LSTM(features, units)
        self.dense = torch.nn.Linear(units, classes)
        torch.nn.init.zeros_(self.lstm.bias_hh_l0).requires_grad_(False)

    def forward(self, features):
        return self.dense(self.lstm(features)[0]).flatten(0, 1)

    def in_order(self):
        return [self.lstm.weight_ih_l0, self.lstm.weight_hh_l0, self.dense.weight,
                self.lstm.bias_ih_l0, self.dense.bias]


class Variant:
    """A network with its optimizer: all its tensors in one call, or one after the other; written as
    modules, or traced into TorchScript."""

    def __init__(self, examples, widths, start, each, traced):
        if examples.across == 1:
            self.network = Lstm(*widths)
            parameters = self.network.in_order()
        else:
            layers = []
            for inputs, units in zip(widths, widths[1:]):
                layers += [torch.nn.Linear(inputs, units), torch.nn.ReLU()]
            self.network = torch.nn.Sequential(*layers[:-1])
            dense = layers[::2]
            parameters = [layer.weight for layer in dense] + [layer.bias for layer in dense]
        with torch.no_grad():
            for parameter in parameters:
                parameter.copy_(start[:parameter.numel()].reshape(parameter.shape))
                start = start[parameter.numel():]
        self.optimizer = torch.optim.SGD(parameters, lr=RATE, momentum=DECAY, foreach=each)
        if traced:
            rows = torch.arange(examples.order.shape[1])
            batch = examples.features.index_select(examples.across, rows)
            self.network = torch.jit.trace(self.network, batch)
        self.examples = examples
        self.step = 0

    def run(self, steps):
        order = self.examples.order
        across = self.examples.across
        losses = []
        begin = clock()
        for rows in order[self.step:self.step + steps]:
            self.optimizer.zero_grad(set_to_none=True)
            outputs = self.network(self.examples.features.index_select(across, rows))
            classes = self.examples.classes.index_select(across, rows).flatten()
            loss = torch.nn.functional.cross_entropy(outputs, classes)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
        seconds = clock() - begin
        self.step += steps
        return seconds, torch.stack(losses).double().mean().item()


VARIANTS = {"foreach": (True, False), "single": (False, False), "traced": (False, True)}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    print(*VARIANTS, flush=True)
    variants = {}
    for line in sys.stdin:
        word, *more = line.split()
        if word == "load":
            folder, widths, batch, steps = more
            widths = [int(width) for width in widths.split("-")]
            examples = Examples(folder, widths[0], int(batch), int(steps))
            start = numbers(folder, "start.f32", "float32")
            variants = {name: Variant(examples, widths, start, *how)
                        for name, how in VARIANTS.items()}
            print("ready", flush=True)
        elif word == "product":
            print(square_product(int(more[0]), clock), flush=True)
        else:
            print(*variants[word].run(int(more[0])), flush=True)


main()
