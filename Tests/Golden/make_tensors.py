"""Writes tensors.json: layers and optimisers of PyTorch on weights given by a formula. Run: python make_tensors.py"""
import json
import pathlib
import torch
import torch.nn as nn


def wave(shape, phase):
    """sin(0.7 i + phase) over the row-major index i: both sides can make it."""
    count = 1
    for extent in shape:
        count *= extent
    return torch.sin(0.7 * torch.arange(count, dtype=torch.float64) + phase).reshape(shape).float()


def fill(module):
    for index, parameter in enumerate(module.parameters()):
        parameter.data = wave(parameter.shape, 0.1 * (index + 1))
    return module


def listed(tensor):
    return {"shape": list(tensor.shape), "data": [round(float(v), 7) for v in tensor.detach().flatten()]}


def layer(module, x, call=lambda m, x: m(x)):
    module = fill(module)
    x = x.requires_grad_()
    y = call(module, x)
    (y * wave(y.shape, 0.5)).sum().backward()
    return {
        "names": [name for name, _ in module.named_parameters()],
        "output": listed(y),
        "inputGradient": listed(x.grad),
        "gradients": [listed(p.grad) for p in module.parameters()],
    }


def trajectory(make):
    w = nn.Parameter(wave((6,), 0.3))
    target = wave((6,), 1.1)
    optimiser = make([w])
    for _ in range(7):
        optimiser.zero_grad()
        ((w - target) ** 2 * wave((6,), 2).abs()).sum().backward()
        optimiser.step()
    return listed(w)


o = torch.optim
golden = {
    "README": f"PyTorch {torch.__version__}; weights by wave(shape, phase) = sin(0.7 i + phase), see make_tensors.py",
    "layers": {
        "linear": layer(nn.Linear(4, 3), wave((2, 4), 0)),
        "convolution": layer(nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2), wave((1, 2, 5, 5), 0)),
        "transposedConvolution": layer(nn.ConvTranspose2d(2, 3, 2, stride=2), wave((1, 2, 3, 3), 0)),
        "batchNorm": layer(nn.BatchNorm2d(2), wave((3, 2, 2, 2), 0)),
        "layerNorm": layer(nn.LayerNorm(5), wave((2, 5), 0)),
        "groupNorm": layer(nn.GroupNorm(2, 4), wave((2, 4, 3), 0)),
        "lstm": layer(nn.LSTM(3, 2, 2), wave((4, 2, 3), 0), lambda m, x: m(x)[0]),
        "gru": layer(nn.GRU(3, 2), wave((4, 2, 3), 0), lambda m, x: m(x)[0]),
        "attention": layer(
            nn.MultiheadAttention(4, 2, batch_first=True), wave((2, 3, 4), 0), lambda m, x: m(x, x, x)[0]
        ),
    },
    "optimisers": {
        "sgd": trajectory(lambda p: o.SGD(p, lr=0.1)),
        "momentum": trajectory(lambda p: o.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01)),
        "nesterov": trajectory(lambda p: o.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
        "adam": trajectory(lambda p: o.Adam(p, lr=0.05, weight_decay=0.02)),
        "adamw": trajectory(lambda p: o.AdamW(p, lr=0.05, weight_decay=0.02)),
        "rmsprop": trajectory(lambda p: o.RMSprop(p, lr=0.05, momentum=0.5)),
        "adadelta": trajectory(lambda p: o.Adadelta(p, lr=1.0)),
    },
    "oneCycle": [
        round(float(v), 9)
        for v in (
            lambda opt, s: [(s.get_last_lr()[0], opt.step(), s.step())[0] for _ in range(20)]
        )(*(lambda opt: (opt, o.lr_scheduler.OneCycleLR(opt, max_lr=1.0, total_steps=20)))(
            o.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        ))
    ],
}
pathlib.Path(__file__).with_name("tensors.json").write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
