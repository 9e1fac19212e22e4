"""Makes gpt-oss.gguf, a tiny random model of the architecture gpt-oss with MXFP4 experts, and gpt-oss.bin: llama.cpp's logits of 48 tokens (float32,
little-endian, [tokens][vocabulary]) for the same weights as F32, because llama.cpp rounds activations where weights are MXFP4.

pip install gguf==0.19.0 llama-cpp-python==0.3.36; python gpt_oss.py (in this folder)
"""

import gguf
import numpy as np
from gguf import GGUFWriter, GGMLQuantizationType as T

rng = np.random.default_rng(16817)
E, H, K, D, F, X, L, V = 64, 8, 2, 16, 64, 4, 4, 96


def r(*s, scale=0.15):
    return (rng.standard_normal(s) * scale).astype(np.float32)


ts = {}
ts["token_embd.weight"] = r(V, E, scale=1)
for l in range(L):
    p = f"blk.{l}."
    ts[p + "attn_norm.weight"] = 1 + r(E)
    for n, rows in (("q", H * D), ("k", K * D), ("v", K * D)):
        ts[p + f"attn_{n}.weight"] = r(rows, E)
        ts[p + f"attn_{n}.bias"] = r(rows)
    ts[p + "attn_output.weight"] = r(E, H * D)
    ts[p + "attn_output.bias"] = r(E)
    ts[p + "attn_sinks.weight"] = r(H, scale=2)
    ts[p + "post_attention_norm.weight"] = 1 + r(E)
    ts[p + "ffn_gate_inp.weight"] = r(X, E)
    ts[p + "ffn_gate_inp.bias"] = r(X)
    for n, a, b in (("gate", F, E), ("up", F, E), ("down", E, F)):
        ts[p + f"ffn_{n}_exps.weight"] = r(X, a, b, scale=1.0 if n == "gate" else 0.4)
        ts[p + f"ffn_{n}_exps.bias"] = r(X, a)
ts["output_norm.weight"] = 1 + r(E)
ts["output.weight"] = r(V, E, scale=0.3)


def write(path, quant):
    w = GGUFWriter(path, "gpt-oss")
    w.add_context_length(512)
    w.add_embedding_length(E)
    w.add_block_count(L)
    w.add_feed_forward_length(F)
    w.add_expert_feed_forward_length(F)
    w.add_head_count(H)
    w.add_head_count_kv(K)
    w.add_key_length(D)
    w.add_value_length(D)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_expert_count(X)
    w.add_expert_used_count(2)
    w.add_sliding_window(8)
    w.add_rope_freq_base(150000.0)
    w.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    w.add_rope_scaling_factor(4.0)
    w.add_rope_scaling_orig_ctx_len(32)
    w.add_vocab_size(V)
    w.add_tokenizer_model("none")
    for n, t in ts.items():
        if n.endswith("_exps.weight"):
            q = gguf.quants.quantize(t, T.MXFP4)
            if quant:
                w.add_tensor(n, q, raw_dtype=T.MXFP4)
            else:
                w.add_tensor(n, gguf.quants.dequantize(q, T.MXFP4).reshape(t.shape))
        else:
            w.add_tensor(n, t)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


write("gpt-oss.gguf", True)
write("gpt-oss-f32.gguf", False)

import os
from llama_cpp import Llama

model = Llama("gpt-oss-f32.gguf", n_ctx=256, logits_all=True, verbose=False, n_threads=1, type_k=0, type_v=0, flash_attn=False)
model.eval([i * 7 % V for i in range(48)])
model.scores[:48].astype("<f4").tofile("gpt-oss.bin")
os.remove("gpt-oss-f32.gguf")
