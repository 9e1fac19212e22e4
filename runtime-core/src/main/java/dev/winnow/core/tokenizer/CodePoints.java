package dev.winnow.core.tokenizer;

/** A text as code points with their kinds: what pre-tokenizers look at. A lone surrogate counts as U+FFFD. */
final class CodePoints {

    private final int[] values; // [length]
    private final byte[] kinds; // [length], of CharacterKind
    private final int length;

    CodePoints(String text) {
        int[] points = new int[text.length()];
        byte[] classes = new byte[text.length()];
        int count = 0;
        for (int i = 0; i < text.length(); count++) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            points[count] = Utf8.isSurrogate(point) ? Utf8.REPLACEMENT : point;
            classes[count] = CharacterKind.of(points[count]);
        }
        this.values = points;
        this.kinds = classes;
        this.length = count;
    }

    int length() {
        return length;
    }

    int value(int at) {
        return values[at];
    }

    byte kind(int at) {
        return kinds[at];
    }

    String text(int start, int end) {
        return new String(values, start, end - start);
    }
}
