"""Makes the checkpoints of this folder: tiny random models of each family that `winnow convert` reads, as Python's transformers saves them, with the logits
and the tokens that transformers computes (expected.json, logits.bin: float32, little-endian, [tokens][vocabulary]).

pip install torch==2.15.0 transformers==5.24.0 sentencepiece==0.2.3; python checkpoints.py (in this folder)
"""

import io
import json
import os
import shutil

import sentencepiece
import tokenizers
import torch
import transformers
from tokenizers import AddedToken, Regex, decoders, models, pre_tokenizers, processors, trainers

TEXT = (
    """Winnowing is an old way to part grain from chaff. The farmers of the valley throw the threshed grain into the air, and the wind carries away the
light husks, while the heavy grain falls back. In 1781 the first machines with a fan took over; by 1850 one machine did the work of 12 men. They're loud,
but it's quick work: 3.5 tonnes a day, won't you look? Größe, naïve façade, Ærø, søster, žluťoučký kůň. Пшеница и рожь. 小麦と大麦。
def winnow(grain):
    return [kernel for kernel in grain if kernel.weight > 0.02]
"""
    * 3
)
CASES = [
    "Hello, world",
    "The farmers won't throw 12345 grains!",
    "  two spaces\n\n\tand a tab ",
    "Größe naïve 小麦 🌾 Пшеница",
    "",
    " ",
    "a\r\nb  c",
    "IT'S 3.5 x = f(y);",
    "<|end|>grain<|end|>",
    "ｆｕｌｌ　ｗｉｄｔｈ",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 e\u0301 \u200d",
]
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace("{1,3}", "")
SIZES = dict(
    hidden_size=32,
    intermediate_size=64,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=16,
    num_hidden_layers=2,
    max_position_embeddings=512,
    initializer_range=0.2,
)


def byte_level(kind):
    """A vocabulary over bytes, cut into words as Llama 3, Qwen 2 or SmolLM do it."""
    tokenizer = tokenizers.Tokenizer(models.BPE(ignore_merges=kind == "llama3"))
    if kind == "smollm":
        steps = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    else:
        steps = [
            pre_tokenizers.Split(Regex(LLAMA3 if kind == "llama3" else QWEN2), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=380, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator([TEXT], trainer)
    tokenizer.add_special_tokens(["<|begin|>", "<|end|>"])
    tokenizer.add_tokens([AddedToken("<tool>", normalized=False)])
    if kind == "llama3":
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<|begin|> $A", special_tokens=[("<|begin|>", tokenizer.token_to_id("<|begin|>"))]
        )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|begin|>",
        eos_token="<|end|>",
        chat_template="{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}",
    )


def sentence_piece(folder, kind):
    """A vocabulary of SentencePiece, as Llama 2 (0 unknown, 1 and 2 around texts) or Gemma (0 pad, 1 end, 2 begin, 3 unknown) have it."""
    names = (
        dict(unk_id=0, bos_id=1, eos_id=2)
        if kind == "llama2"
        else dict(
            pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>", user_defined_symbols=["\n\n", "<tool>"]
        )
    )
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT.split("\n")),
        model_writer=model,
        model_type="bpe",
        vocab_size=420,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        add_dummy_prefix=kind == "llama2",
        character_coverage=0.98,
        minloglevel=2,
        **names
    )
    with open(os.path.join(folder, "tokenizer.model"), "wb") as out:
        out.write(model.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def edit(file, change):
    with open(file) as source:
        value = json.load(source)
    change(value)
    with open(file, "w") as out:
        json.dump(value, out, indent=1)


def make(name, model_class, config, tokenizer, dtype=torch.bfloat16, shard="1GB", change=None):
    shutil.rmtree(name, ignore_errors=True)
    os.mkdir(name)
    torch.manual_seed(16817)
    if tokenizer in ("llama2", "gemma"):
        pieces = sentence_piece(name, tokenizer)
        bos, eos, pad = (1, 2, None) if tokenizer == "llama2" else (2, 1, 0)
        vocabulary = pieces.vocab_size()
        encode = lambda text: [bos] + pieces.encode(text)
    else:
        fast = byte_level(tokenizer)
        bos, eos, pad = fast.bos_token_id, fast.eos_token_id, None
        vocabulary = len(fast)
        encode = fast.encode
    config.vocab_size = vocabulary + 5  # embeddings are padded
    config.bos_token_id, config.eos_token_id, config.pad_token_id = bos, eos, pad
    model = getattr(transformers, model_class)(config)
    for parameter in model.parameters():
        if parameter.dim() == 1:  # norms and biases that are not all the same
            parameter.data += 0.3 * torch.randn_like(parameter)
    model.to(dtype).save_pretrained(name, max_shard_size=shard)
    if tokenizer == "llama2":  # a tokenizer.model without a tokenizer.json
        with open(os.path.join(name, "tokenizer_config.json"), "w") as out:
            json.dump({"bos_token": {"content": "<s>"}, "eos_token": "</s>", "unk_token": "<unk>", "add_bos_token": True}, out, indent=1)
    elif tokenizer == "gemma":  # the tokenizer.json that is made from a tokenizer.model, without it
        transformers.GemmaTokenizer.from_pretrained(name, add_bos_token=True).save_pretrained(name)
        if name == "gemma3":
            os.remove(os.path.join(name, "tokenizer.model"))
    else:
        fast.save_pretrained(name)
    if change is not None:
        edit(os.path.join(name, "config.json"), change)
    tokens = torch.arange(40) * 7 % vocabulary
    model = getattr(transformers, model_class).from_pretrained(name, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        logits = model(tokens[None]).logits[0]
    logits.numpy().astype("<f4").tofile(os.path.join(name, "logits.bin"))
    with open(os.path.join(name, "expected.json"), "w") as out:
        json.dump({"tokens": tokens.tolist(), "texts": [{"text": text, "ids": encode(text)} for text in CASES]}, out, indent=1)


def old_rope(scaling):
    """The spelling of transformers 4."""

    def change(config):
        parameters = config.pop("rope_parameters")
        config["rope_theta"] = parameters["rope_theta"]
        config["rope_scaling"] = scaling

    return change


def sparse(config):
    config["sparsek"] = {"enable": True, "top_k": 16, "window": 8, "stride": 4}


def flat_sparse(config):
    config["sparsek_top_k"] = 16


def rope(kind, theta=10000.0, **more):
    return dict(rope_type=kind, rope_theta=theta, **more)


T = transformers
make(
    "llama",
    "LlamaForCausalLM",
    T.LlamaConfig(
        **SIZES,
        tie_word_embeddings=False,
        attention_bias=True,
        rope_parameters=rope("llama3", 5000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)
    ),
    "llama3",
    torch.float32,
    "60KB",
    sparse,
)
make(
    "mistral",
    "MistralForCausalLM",
    T.MistralConfig(**SIZES, sliding_window=None),
    "llama2",
    torch.float16,
    change=old_rope({"type": "linear", "factor": 2.0}),
)
make(
    "qwen2",
    "Qwen2ForCausalLM",
    T.Qwen2Config(
        **{**SIZES, "head_dim": 8}, tie_word_embeddings=True, rope_parameters=rope("yarn", factor=4.0, original_max_position_embeddings=64)
    ),
    "qwen2",
    change=flat_sparse,
)
make("qwen3", "Qwen3ForCausalLM", T.Qwen3Config(**SIZES, tie_word_embeddings=False), "qwen2")
make("smollm3", "SmolLM3ForCausalLM", T.SmolLM3Config(**{**SIZES, "num_hidden_layers": 4}, tie_word_embeddings=True), "smollm")
make("gemma", "GemmaForCausalLM", T.GemmaConfig(**SIZES), "gemma")
make(
    "gemma2",
    "Gemma2ForCausalLM",
    T.Gemma2Config(**SIZES, sliding_window=8, query_pre_attn_scalar=16, attn_logit_softcapping=2.0, final_logit_softcapping=5.0),
    "gemma",
)
make(
    "gemma3",
    "Gemma3ForCausalLM",
    T.Gemma3TextConfig(
        **{**SIZES, "num_hidden_layers": 7},
        sliding_window=8,
        query_pre_attn_scalar=16,
        rope_parameters={"full_attention": rope("linear", 1000000.0, factor=4.0), "sliding_attention": rope("default")}
    ),
    "gemma",
)
