#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Multiplies with the Hessian of a network by PyTorch, as it is told line by line.

    torch_products.py THREADS wall|processor

It prints the names of its variants. Then, for "load FOLDER WIDTHS" it reads the examples, parameters
and vectors of FOLDER, a network of dense layers of WIDTHS such as 784-128-10 with tanh between them,
and prints "ready"; for "VARIANT" it multiplies with each of the vectors and prints the seconds and
the norm of the last product, by double backward, the graph of the gradient retained from one product
to the next; for "eigenvalues COUNT" it prints the largest of the Hessian, by SciPy's Lanczos method on
these products, the largest first, behind the seconds; for "product SIZE" it multiplies two square
matrices of floats and prints the seconds. Ends with status 77 where PyTorch is missing.
"""

import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
try:
    import numpy
    import torch

    from torch_numbers import numbers, square_product
except ImportError:
    sys.exit(77)

clock = time.process_time if sys.argv[2] == "processor" else time.perf_counter


class Risk:
    def __init__(self, folder, widths):
        self.features = numbers(folder, "features.f32", "float32").reshape(-1, widths[0])
        self.classes = numbers(folder, "classes.i64", "int64")
        flat = numbers(folder, "start.f32", "float32")
        shapes = [(units, inputs) for inputs, units in zip(widths, widths[1:])]
        self.shapes = shapes + [(units,) for units in widths[1:]]
        self.parameters = [part.requires_grad_(True) for part in self.split(flat.clone())]
        self.vectors = numbers(folder, "vectors.f32", "float32").reshape(-1, flat.numel())
        self.gradients = torch.autograd.grad(self.loss(self.parameters), self.parameters,
                                             create_graph=True)

    def split(self, flat):
        sizes = [numpy.prod(shape) for shape in self.shapes]
        return [part.reshape(shape).detach() for part, shape
                in zip(torch.split(flat, [int(size) for size in sizes]), self.shapes)]

    def loss(self, parameters):
        layers = len(parameters) // 2
        x = self.features
        for k in range(layers):
            x = torch.nn.functional.linear(x, parameters[k], parameters[layers + k])
            if k + 1 < layers:
                x = torch.tanh(x)
        return torch.nn.functional.cross_entropy(x, self.classes)

    def product(self, flat):
        parts = torch.autograd.grad(self.gradients, self.parameters, self.split(flat),
                                    retain_graph=True)
        return torch.cat([part.reshape(-1) for part in parts])


def eigenvalues(risk, count):
    from scipy.sparse.linalg import LinearOperator, eigsh
    begin = clock()
    size = risk.vectors.shape[1]
    apply = lambda v: risk.product(torch.from_numpy(v.astype("float32"))).double().numpy()
    operator = LinearOperator((size, size), matvec=apply, dtype="float64")
    values = eigsh(operator, k=count, which="LA", tol=1e-6, return_eigenvectors=False)
    return clock() - begin, sorted(values, reverse=True)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    print("double-backward", flush=True)
    risk = None
    for line in sys.stdin:
        word, *more = line.split()
        if word == "load":
            risk = Risk(more[0], [int(width) for width in more[1].split("-")])
            print("ready", flush=True)
        elif word == "product":
            print(square_product(int(more[0]), clock), flush=True)
        elif word == "eigenvalues":
            seconds, values = eigenvalues(risk, int(more[0]))
            print(seconds, *values, flush=True)
        else:
            begin = clock()
            for vector in risk.vectors:
                product = risk.product(vector)
            print(clock() - begin, product.double().norm().item(), flush=True)


main()
