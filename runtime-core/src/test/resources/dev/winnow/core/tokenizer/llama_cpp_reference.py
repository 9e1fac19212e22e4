"""Makes llama-cpp-reference.json: what llama.cpp itself says about random texts and random tokens.

pip install llama-cpp-python==0.3.36; python llama_cpp_reference.py FOLDER > llama-cpp-reference.json
FOLDER holds the vocabularies ggml-vocab-NAME.gguf of the llama.cpp repository.
"""
import ctypes
import json
import os
import random
import sys
import llama_cpp

NAMES = ["gpt-2", "llama-spm", "phi-3", "starcoder", "deepseek-llm"]
SNIPPETS = ["the", " Quick", "BROWN", "foxJumps", "HTTPServer", "\u00e9t\u00e9", "stra\u00dfe", "\u041f\u0440\u0438\u0432\u0435\u0442", "\u4e2d\u6587", "\u3072\u3089", "\ud55c\uad6d", "\u0639\u0631",
            "\u0939\u093f\u0928", "e\u0301", "\U0001d518", "\U00020000", "\U0001f600", "\U0001f468\u200d\U0001f469", "\u0660\u0661", "\u00bd", "1", "23", "456", "12345", "'s", "'T", "'re",
            "'ll", "\u2019s", "'", " ", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", " \n", "\u00a0", "\u3000", "\u200b", "\x01", "\x7f", ".", ",", "!", " ?", "...", "\u2026", "\u3002",
            "\u201cq\u201d", "$", "+", "=", "<", ">", "^", "`", "|", "~", "_", "-", "(", ")", "[", "]", "{", "}", "\\", "/", "#", "@", "\u20ac", "\u2581", "<0x0A>", " it's ' x", "<s>", "</s>",
            "<unk>", "<|endoftext|>", "<|end|>", "<|user|>", "<|assistant|>  ", "<\uff5cend\u2581of\u2581sentence\uff5c>", "<fim_prefix>"]

log = llama_cpp.llama_log_callback(lambda level, text, user: None)
llama_cpp.llama_log_set(log, ctypes.c_void_p(0))
llama_cpp.llama_backend_init()
result = {}
for name in NAMES:
    parameters = llama_cpp.llama_model_default_params()
    parameters.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(os.path.join(sys.argv[1], "ggml-vocab-" + name + ".gguf").encode(), parameters)
    vocab = llama_cpp.llama_model_get_vocab(model)
    generator = random.Random(16817)

    def tokenize(text, special, parse):
        data = text.encode()
        tokens = (llama_cpp.llama_token * (4 * len(data) + 16))()
        count = llama_cpp.llama_tokenize(vocab, data, len(data), tokens, len(tokens), special, parse)
        return list(tokens[:count])

    def detokenize(tokens, special):
        buffer = ctypes.create_string_buffer(1 << 16)
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        length = llama_cpp.llama_detokenize(vocab, array, len(tokens), buffer, len(buffer), False, special)
        return buffer.raw[:length].hex()

    texts, decodings = [], []
    for _ in range(40):
        text = "".join(generator.choice(SNIPPETS) for _ in range(generator.randint(1, 20)))
        texts.append([text, tokenize(text, False, False), tokenize(text, True, True)])
        tokens = [generator.randrange(llama_cpp.llama_vocab_n_tokens(vocab)) for _ in range(generator.randint(1, 12))]
        decodings.append([tokens, detokenize(tokens, False), detokenize(tokens, True)])
        decodings.append([texts[-1][1] or [0], detokenize(texts[-1][1] or [0], False), detokenize(texts[-1][1] or [0], True)])
    ends = [token for token in range(llama_cpp.llama_vocab_n_tokens(vocab)) if llama_cpp.llama_vocab_is_eog(vocab, token)]
    result[name] = {"texts": texts, "decodings": decodings, "ends": ends, "bos": llama_cpp.llama_vocab_bos(vocab),
                    "eos": llama_cpp.llama_vocab_eos(vocab), "adds_bos": bool(llama_cpp.llama_vocab_get_add_bos(vocab))}
print(json.dumps(result, separators=(",", ":")).replace("],[", "],\n["))
