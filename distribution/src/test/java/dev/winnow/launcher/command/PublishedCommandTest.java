package dev.winnow.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class PublishedCommandTest {

    private static String published(String... more) {
        String[] words = new String[more.length + 6];
        System.arraycopy(new String[]{"--model=/folder/me/x.gguf", "-f", "/folder/me/a.txt", "-o=/folder/me/docs/R.md", "-m", "y.gguf"}, 0,
                words,
                0,
                6);
        System.arraycopy(more, 0, words, 6, more.length);
        String line = PublishedCommand.of(new CommandLine(new ReportCommand()).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(words));
        String begin = "report -m x.gguf -m y.gguf -f a.txt -o R.md";
        assertEquals(begin, line.substring(0, Math.min(line.length(), begin.length())));
        return line.substring(begin.length());
    }

    @Test
    void foldersAreLeftOutInEveryForm() {
        assertEquals("", published());
        assertEquals(" --plugin-path plugins --plugin-path more.jar",
                published("--plugin-path=/folder/me/plugins", "--plugin-path", "/x/more.jar"));
        assertEquals(" --sparse p.json --sparse a=p.json,b=q.json,sparsek:top-k=8,r.json",
                published("--sparse", "/folder/me/p.json", "--sparse=a=/folder/me/p.json,b=../x=y/q.json,sparsek:top-k=8,/folder/r.json"));
    }

    @Test
    void otherSlashesStay() {
        assertEquals(" --sparse x=sparsek:prefill=blocks,head-tau=0/0.5/1:0101.", published("--sparse",
                "x=sparsek:prefill=blocks,head-tau=0/0.5/1:0101."));
        assertEquals(" --sparse sparsek:head-tau=0/1:01,p.json", published("--sparse=sparsek:head-tau=0/1:01,/folder/p.json"));
    }

    @Test
    void wordsAreQuotedForAShell() {
        assertEquals(" --check-tensors -d 0,300 -p 32", published("--check-tensors", "-d=0,300", "--n-prompt", "32"));
        assertEquals(" --plugin-path 'me'\\''s plug ins' --disable-plugin '$x'",
                published("--plugin-path", "/folder/me/me's plug ins", "--disable-plugin=$x"));
    }
}
