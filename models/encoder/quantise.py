"""Linear layers in 8-bit integers, for scoring on a CPU.

Weights are rounded with one scale for each output, activations with one scale for *each token* at the moment they are used
(as in Yao et al. 2022, ZeroQuant). One scale for a whole batch, as torch's and ONNX Runtime's dynamic quantisation take it,
would let a ticket's score depend on the tickets that happen to stand beside it.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

_LEVELS = 127.0


class Int8Linear(nn.Module):
    """A linear layer on 8-bit integers. Integer sums are exact, whatever the order or the machine."""

    weight: Tensor
    scale: Tensor
    bias: Tensor

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        w = layer.weight.detach().float()  # (out, in)
        scale = (w.abs().amax(dim=1, keepdim=True) / _LEVELS).clamp_min(1e-12)  # (out, 1)
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self.register_buffer("weight", (w / scale).round().to(torch.int8).t().contiguous())  # (in, out)
        self.register_buffer("scale", scale.t().contiguous())  # (1, out)
        bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach().float()
        self.register_buffer("bias", bias.clone())  # (out,)

    def forward(self, x: Tensor) -> Tensor:
        """(…, in) float32 -> (…, out) float32."""
        flat = x.reshape(-1, self.in_features)  # (n, in)
        step = (flat.abs().amax(dim=1, keepdim=True) / _LEVELS).clamp_min_(1e-12)  # (n, 1)
        whole = (flat / step).round_().to(torch.int8)
        out = torch._int_mm(whole, self.weight).float()  # (n, out), exact below 2^24
        return torch.addcmul(self.bias, out.mul_(step), self.scale).view(*x.shape[:-1], self.out_features)


def quantised(network: nn.Module) -> nn.Module:
    """A copy of ``network`` (which it shares memory with) whose trunk's linear layers work in 8 bits; embeddings, norms and the heads stay as they are."""
    shared: dict[int, object] = {id(p): p for p in network.parameters()}  # what stays as it is is not held twice
    out = copy.deepcopy(network, shared).eval()
    _replace(out.get_submodule("trunk"))
    for p in out.parameters():
        p.requires_grad_(False)
    return out


def _replace(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, Int8Linear(child))
        else:
            _replace(child)
