package dev.winnow.core.tokenizer;

/** What a token can be, as bits: a control-looking token that the file calls normal is both. */
final class TokenMark {

    static final int UNKNOWN = 1;
    static final int NORMAL = 2;
    static final int CONTROL = 4;
    static final int USER_DEFINED = 8;
    static final int BYTE = 16;

    private TokenMark() {}
}
