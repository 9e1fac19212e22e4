package dev.winnow.launcher.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChartTest {

    @TempDir
    private Path folder;

    static Stream<Chart> charts() {
        List<List<Double>> values = List.of(List.of(0.0, 50.0), List.of(100.0, Double.NaN));
        HeatMap.Panel panel = new HeatMap.Panel("dense", List.of("1024", "2048"), List.of("0.00", "1.00"), values);
        return Stream.of(
                new HeatMap("map", new HeatMap.Axes("length (tokens)", "depth"), new HeatMap.Scale(0, 100, "0"),
                        List.of(List.of(panel, panel), List.of(panel, panel, panel, panel, panel))),
                new LineChart("lines", "depth (tokens)", "tokens per second",
                        List.of(new LineChart.Line("dense", List.of(new LineChart.Point(0, 5, 1), new LineChart.Point(1024, 3, 0))))),
                new ScatterChart("points", "speed", "loss", "filled: best",
                        List.of(new ScatterChart.Point("blocks", 1.4, 0, true), new ScatterChart.Point("pages", 2, 3, false))));
    }

    @ParameterizedTest
    @MethodSource("charts")
    void picturesHaveInkOnWhitePaper(Chart chart) throws IOException {
        Path file = folder.resolve("picture.png");
        chart.write(file);
        BufferedImage image = ImageIO.read(file.toFile());
        assertEquals(2 * chart.width(), image.getWidth());
        assertEquals(2 * chart.height(), image.getHeight());
        int white = 0;
        int dark = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int green = image.getRGB(x, y) >> 8 & 0xFF;
                white += green == 0xFF ? 1 : 0;
                dark += green < 0x80 ? 1 : 0;
            }
        }
        assertTrue(white > image.getWidth() * image.getHeight() / 4, white + " white pixels");
        assertTrue(dark > 500, dark + " dark pixels"); // letters, axes and marks
        assertEquals(List.of("picture.png"), names());
    }

    @ParameterizedTest
    @MethodSource("charts")
    void vectorPicturesNeedNoFontsToBeShown(Chart chart) throws IOException {
        Path file = folder.resolve("picture.svg");
        Files.writeString(file, "old");
        chart.write(file);
        String svg = Files.readString(file);
        assertTrue(svg.contains("<svg") && svg.endsWith("</svg>\n"), svg.substring(svg.length() - 20));
        assertTrue(svg.split("<path", -1).length > 10, "letters are outlines");
        assertFalse(svg.contains("<text"), "letters are outlines");
    }

    @Test
    void otherNamesAndMissingFoldersAreErrors() throws IOException {
        Chart chart = charts().findFirst().orElseThrow();
        WinnowException error = assertThrows(WinnowException.class, () -> chart.write(folder.resolve("picture.gif")));
        assertTrue(String.valueOf(error.getMessage()).contains(".png or .svg"), error.getMessage());
        assertThrows(WinnowException.class, () -> chart.write(folder.resolve("missing/picture.png")));
        assertEquals(List.of(), names());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
