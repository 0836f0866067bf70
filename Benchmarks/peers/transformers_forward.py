"""The work of lm-laboratory by Python's transformers, in 32-bit floats: prints one line of JSON."""
import sys

from timing import report, timed

# The programs beside this one have names of packages.
sys.path.pop(0)

import torch
from transformers import LlamaConfig, LlamaForCausalLM


def forward():
    # The same shape; the time does not depend on the weights.
    config = LlamaConfig(
        vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=8192, rope_theta=100000.0, rms_norm_eps=1e-5,
        tie_word_embeddings=True)
    torch.manual_seed(1)
    model = LlamaForCausalLM(config).eval()
    tokens = torch.arange(100, 1124).reshape(4, 256)
    with torch.no_grad():
        return timed(5, lambda: model(tokens, logits_to_keep=1))


report({"lm-laboratory": forward})
