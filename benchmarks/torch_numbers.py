# SPDX-License-Identifier: MIT
"""What the scripts share that a benchmark runs PyTorch by."""

import time

import numpy
import torch


def numbers(folder, name, kind):
    return torch.from_numpy(numpy.fromfile(f"{folder}/{name}", dtype=kind))


def square_product(size, clock=time.perf_counter):
    """The seconds of a product of two square matrices of floats."""
    a = torch.full((size, size), 0.5)
    b = torch.full((size, size), 0.25)
    c = torch.empty(size, size)
    begin = clock()
    torch.mm(a, b, out=c)
    return clock() - begin
