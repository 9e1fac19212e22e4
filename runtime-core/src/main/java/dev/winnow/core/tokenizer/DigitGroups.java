package dev.winnow.core.tokenizer;

/** Cuts runs of digits into groups of three from the right, as thousands are written: 1234567 becomes 1, 234, 567. */
final class DigitGroups implements WordSplitter {

    private static final int GROUP = 3;

    private final CharacterClass digits;
    private final boolean afterGroups;

    /**
     * Creates a splitter.
     *
     * @param afterGroups whether the cuts are after each group, so that the text before a run stays with its first group, or before each full group, so that
     *                    the text after a run stays with its last one
     */
    DigitGroups(CharacterClass digits, boolean afterGroups) {
        this.digits = digits;
        this.afterGroups = afterGroups;
    }

    @Override
    public void split(CodePoints text, int start, int end, Ends ends) {
        int last = start;
        int at = start;
        while (at < end) {
            int from = at;
            while (at < end && digits.contains(text.value(at), text.kind(at))) {
                at++;
            }
            int head = (at - from) % GROUP;
            int firstCut = afterGroups && head == 0 ? from + GROUP : from + head;
            int lastCut = afterGroups ? at : at - 1;
            for (int cut = firstCut; cut <= lastCut; cut += GROUP) {
                if (cut > last) {
                    ends.add(cut);
                    last = cut;
                }
            }
            at = Math.max(at, from + 1);
        }
        if (end > last) {
            ends.add(end);
        }
    }
}
