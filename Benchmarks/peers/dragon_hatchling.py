"""The work of DragonHatchlingBenchmarks.swift in PyTorch: python dragon_hatchling.py NAME prints one line of JSON.

BDH-GPU as published, operation by operation: ReLU activity, rotary keys that are queries, strictly causal linear attention,
a gate by activity, one set of matrices for all layers. Bytes, AdamW.
"""
import math
import os

import torch
import torch.nn.functional as F

from timing import report, timed

WIDTH, HEADS, NEURONS, LAYERS, VOCABULARY = 64, 4, 256, 3, 256
BATCH, LENGTH = 16, 96


class Hatchling(torch.nn.Module):
    def __init__(self, width, heads, neurons, layers, vocabulary):
        super().__init__()
        self.layers = layers
        self.heads = heads
        self.embed = torch.nn.Embedding(vocabulary, width)
        torch.nn.init.normal_(self.embed.weight, std=0.02)
        self.encoder = torch.nn.Parameter(0.02 * torch.randn(heads, width, neurons))
        self.encoder_v = torch.nn.Parameter(0.02 * torch.randn(heads, width, neurons))
        self.decoder = torch.nn.Parameter(0.02 * torch.randn(heads * neurons, width))
        self.head = torch.nn.Parameter(0.02 * torch.randn(width, vocabulary))
        pairs = (torch.arange(neurons) // 2) * 2
        self.register_buffer("turns", 65536.0 ** (-pairs / neurons) / (2 * math.pi))

    def normal(self, x):
        return F.layer_norm(x, x.shape[-1:])

    def rotate(self, x):
        phase = torch.arange(x.shape[-2]).view(-1, 1) * self.turns
        angle = (phase % 1) * (2 * math.pi)
        partner = torch.stack((-x[..., 1::2], x[..., ::2]), dim=-1).view(*x.shape)
        return x * angle.cos() + partner * angle.sin()

    def forward(self, tokens, state=None):
        batch, length = tokens.shape
        x = self.normal(self.embed(tokens).unsqueeze(1))
        for _ in range(self.layers):
            active = F.relu(x @ self.encoder)
            turned = self.rotate(active)
            scores = (turned @ turned.mT).tril(diagonal=-1)
            response = F.relu(self.normal(scores @ x) @ self.encoder_v)
            gated = active * response
            flat = gated.transpose(1, 2).reshape(batch, 1, length, -1)
            x = self.normal(x + self.normal(flat @ self.decoder))
        return x.view(batch, length, -1) @ self.head


def training():
    torch.manual_seed(1)
    model = Hatchling(WIDTH, HEADS, NEURONS, LAYERS, VOCABULARY)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    # The same text as ours: the bytes of the licences, rows from even places.
    path = "/usr/share/common-licenses/GPL-3"
    text = torch.frombuffer(bytearray(open(path, "rb").read()), dtype=torch.uint8).long()

    step_number = [0]

    def step():
        starts = [(step_number[0] * BATCH + row) * 211 % (len(text) - LENGTH - 1) for row in range(BATCH)]
        rows = torch.stack([text[start:start + LENGTH + 1] for start in starts])
        step_number[0] += 1
        optimiser.zero_grad()
        logits = model(rows[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), rows[:, 1:].reshape(-1))
        loss.backward()
        optimiser.step()

    # Ours is measured behind as many steps, since activity becomes sparse in training.
    for _ in range(int(os.environ.get("HATCHLING_STEPS", "20"))):
        step()
    return timed(9, lambda: [step() for _ in range(5)])


def generation(context):
    """The released way: the whole text once more for every byte."""
    torch.manual_seed(1)
    model = Hatchling(WIDTH, HEADS, NEURONS, LAYERS, VOCABULARY)
    tokens = torch.arange(context).view(1, -1) * 7 % 256

    def body():
        with torch.no_grad():
            own = tokens
            for _ in range(4):
                last = model(own)[:, -1].argmax(-1, keepdim=True)
                own = torch.cat((own, last), dim=1)

    return timed(5, body)


report({
    "hatchling-training": training,
    "hatchling-generation-64": lambda: generation(64),
    "hatchling-generation-1024": lambda: generation(1024),
})
