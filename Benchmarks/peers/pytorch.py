"""The work of TensorBenchmarks.swift in PyTorch: python pytorch.py NAME prints one line of JSON."""
import gzip

import numpy as np
import torch

from timing import report, timed

torch.manual_seed(1)


def recurrent(batch, width, repetitions):
    w, u = (torch.randn(width, width).mul_(width ** -0.5).requires_grad_() for _ in range(2))
    b = torch.zeros(width, requires_grad=True)
    x = torch.randn(100, batch, width)

    def body():
        h = torch.zeros(batch, width)
        for t in range(100):
            h = torch.tanh(x[t] @ w + h @ u + b)
        h.square().sum().backward()
        for leaf in (w, u, b):
            leaf.grad = None

    return timed(repetitions, body)


def fashion(count):
    folder = "/usr/share/datasets/fashion-mnist/train"
    with gzip.open(folder + "-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)[:count]
    with gzip.open(folder + "-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)[:count]
    return torch.from_numpy(images.astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))


def epoch(model, optimiser, x, y):
    def body():
        order = torch.randperm(len(x))
        for start in range(0, len(x), 128):
            batch = order[start:start + 128]
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimiser.step()
            loss.item()

    return timed(3, body)


def perceptron():
    x, y = fashion(60_000)
    model = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10))
    return epoch(model, torch.optim.Adam(model.parameters(), lr=1e-3), x.flatten(1), y)


def convolution():
    x, y = fashion(12_800)
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 49, 10))
    return epoch(model, torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9), x, y)


WORK = {
    "recurrent-tiny": lambda: recurrent(4, 16, 60),
    "recurrent-small": lambda: recurrent(32, 256, 30),
    "epoch-perceptron": perceptron,
    "epoch-convolution": convolution,
}
report(WORK)
