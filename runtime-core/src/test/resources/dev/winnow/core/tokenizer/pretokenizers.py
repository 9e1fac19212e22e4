"""Makes pretokenizers.json: the words into which llama.cpp's pre-tokenizers cut random texts.

The patterns are those of llama.cpp (src/llama-vocab.cpp, commit 749f688f) as they stand there. They are applied with Python's re module the way
llama.cpp applies them (src/unicode.cpp): one after the other, each to the pieces that the one before has left; patterns with Unicode categories on a
text in which every character beyond ASCII is replaced by a stand-in for its category. The tilde is an ASCII symbol as in later commits and in the models' own
tokenizers.

pip install unicodedata2==15.1.0; python pretokenizers.py > pretokenizers.json
"""
import json
import random
import re
import unicodedata2

C = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"
LLAMA3 = C + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = C + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK3 = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
             r"|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K_TAIL = r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CASES = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + C + r"?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + C + r"?")
O200K = (r"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+" + C + r"?"
         r"|[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*" + C + r"?") + O200K_TAIL
GRANITE = O200K.replace(r"(?=[\p{L}])", r"(?=[\p{L}\p{M}])")
TEKKEN = (r"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+|[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*"
          r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CJK = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
KANA = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
LETTERS = ("A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f"
           "\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd"
           "\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57"
           "\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec"
           "\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f"
           "\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f"
           "\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f"
           "\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943")
BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+"
SPACES = "".join(r"|\s{%d}(?!\S)" % n for n in (512, 256, 128, 64, 32, 16, 8, 4)) + r"|\s{1,2}(?!\S)|\s{1}"
AFMOE_CJK = ("[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f\u2f00-\u2fdf\u0e40-\u0e7f\u0e80-\u0eff"
             "\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+")
YOUTU_CJK = ("[\uac00-\ud7a3\u3131-\u318e]+|[\uff01\u2026\u201c\u201d\u2018\u2019\u2014\uff1a\uff1b\uff0c\u3001-\u303f\ufe30-\ufe4f]+"
             "|[\u3105-\u312f]+|" + KANA)
DIGITS = "digits"  # llama.cpp's hand-written grouping of digits

PATTERNS = {
    "llama-bpe": [LLAMA3], "gpt-2": [GPT2], "smollm": [r"\p{N}", GPT2], "qwen2": [QWEN2],
    "qwen35": [C + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"],
    "deepseek-llm": ["[\r\n]", r"\s?[" + LETTERS + "]+", "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+", r"\s+$", CJK, r"\p{N}+"],
    "deepseek-coder": ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", CJK, r"\p{N}"],
    "deepseek-v3": [r"\p{N}{1,3}", KANA, DEEPSEEK3],
    "spark2_5": [r"\p{N}{1,3}", KANA, DEEPSEEK3.replace(r"+[\r\n]*|\s*[\r\n]+", r"+|[\r\n]"), r"\p{N}"],
    "youtu": [YOUTU_CJK, CASES + r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "gpt-4o": [O200K], "granite-embed-multi-97m": [GRANITE], "tekken": [TEKKEN],
    "chameleon": ["<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", "([\\t\\n]|    |  )", r"\p{N}", r"[\p{P}!-/:-@\[-`{-~]", GPT2],
    "jais-2": [LLAMA3.replace(r"|\s+(?!\S)|\s+", SPACES)],
    "minicpm5": [r"\p{N}{1,3}", LLAMA3.replace("{1,3}", "+")],
    "bloom": [BLOOM], "viking": [BLOOM, r"\p{N}"],
    "tiny_aya": [DIGITS, CASES + O200K_TAIL],
    "superbpe": [r"\p{N}+", r"(?=(\d{3})+(?!\d))"],
    "bailingmoe": [r"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
    "seed-coder": [C + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "afmoe": [DIGITS, AFMOE_CJK, DEEPSEEK3],
    "laguna": [r"[^\n]+|[\n]+", QWEN2],
    "exaone-moe": [C + r"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"],
    "gemma4": [r"[^\n]+|[\n]+"],
}
STAND_INS = {"N": ("\u00d1", "0-9"), "L": ("\u00d2", "A-Za-z"), "P": ("\u00d3", r"!-#%-*,-/:-;?-@\[-\]_\{\}"), "M": ("\u00d4", ""),
             "S": ("\u00d5", r"\$\+<->^`\|~")}
WHITE_SPACE = set("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200b)}


def collapsed(text):
    def stand_in(c):
        if ord(c) < 128:
            return c
        return "\v" if c in WHITE_SPACE else STAND_INS.get(unicodedata2.category(c)[0], "\u00d0")[0]
    return "".join(map(stand_in, text))


def collapsed_pattern(pattern):
    result, inside, i = "", False, 0
    while i < len(pattern):
        category = re.compile(r"\\p\{([A-Z])[a-z]?\}").match(pattern, i)
        if category:
            classes = "".join(STAND_INS[category[1]])
            result += classes if inside else "[" + classes + "]"
            i = category.end()
            continue
        if pattern[i] == "\\":
            result += pattern[i:i + 2]
            i += 2
            continue
        inside = pattern[i] == "[" or inside and pattern[i] != "]"
        result += pattern[i]
        i += 1
    return result


def digit_ends(piece):
    ends, at = [], 0
    while at < len(piece):
        run = at
        while at < len(piece) and unicodedata2.category(piece[at])[0] == "N":
            at += 1
        head = (at - run) % 3
        ends += range(run + head if head else run + 3, at + 1, 3)
        at = max(at, run + 1)
    return ends


def split(pattern, text, pieces):
    if "\\p{" in pattern:
        matched, source = collapsed(text), collapsed_pattern(pattern)
    else:
        matched, source = "".join("\v" if ord(c) > 127 and c in WHITE_SPACE else c for c in text), pattern
    compiled = re.compile(source, re.ASCII)
    result, start = [], 0
    for end in pieces:
        if pattern == DIGITS:
            result += [start + e for e in digit_ends(text[start:end])]
        else:
            for match in compiled.finditer(matched[start:end]):
                result += [start + match.start(), start + match.end()]
        result.append(end)
        start = end
    return sorted(set(result) - {0})


def words(name, text):
    pieces = [len(text)]
    for pattern in PATTERNS[name]:
        pieces = split(pattern, text, pieces)
    return pieces


SNIPPETS = ["the", "Quick", "BROWN", "foxJumps", "HTTPServer", "\u00e9t\u00e9", "\u00dcBER", "stra\u00dfe", "\u041f\u0440\u0438\u0432\u0435\u0442", "\u4e2d\u6587", "\u3072\u3089\u304c\u306a",
            "\u30ab\u30bf", "\ud55c\uad6d\uc5b4", "\u0639\u0631\u0628\u064a", "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0e44\u0e17\u0e22", "\u1780\u17b6", "e\u0301", "\u0301", "\u10d0\u10d1", "\ua7a1",
            "\U0001d518", "\U00010400", "\U00020000", "\U0001f600", "\U0001f468\u200d\U0001f469", "\u0660\u0661\u0662", "\u00bd", "\u2167", "\u00b2", "1", "23", "456", "7890", "12345",
            "1234567", "'s", "'T", "'re", "'VE", "'ll", "'d", "\u2019s", "'", " ", " ", " ", "  ", "   ", "    ", "\t", "\n", "\n\n", "\r\n", "\r", " \n", "\n ",
            "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "\x00", "\x1c", "\x7f", ".", ",", "!", "?!", "...", "\u2026", "\u3002", "\uff0c", "\u3001", "\uff01", "\u201cq\u201d", "\u2014",
            "$", "+", "=", "<", ">", "^", "`", "|", "~", "~~", "_", "-", "(", ")", "[", "]", "{", "}", "\\", "/", "//", "#", "@", "%", "&", "*", ";", ":", "\"", "\u20ac",
            "\u00a9", "\u2211", "\ue000", "\ufffd", "\ufb01", "\u2126", "\u212a", "\u1fbe", "a b", "\u00e0 \u00e9", "<sentinel:12>", "IMGIMGABZ", "\u3105", "\u3131", "\uff66", "\u0964", "\u060c"]

if __name__ == "__main__":
    generator = random.Random(16817)
    texts = ["".join(generator.choice(SNIPPETS) for _ in range(generator.randint(1, 40))) for _ in range(100)]
    print(json.dumps({"texts": texts, "ends": {name: [" ".join(map(str, words(name, text))) for text in texts] for name in PATTERNS}}, indent=0))
