package dev.winnow.launcher.chart;

import dev.winnow.api.WinnowException;
import dev.winnow.core.io.UnfinishedFile;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Writes pictures to files. */
public final class ChartFile {

    /** Pixels of the picture for each unit that it is drawn in: sharp on today's screens and in print. */
    private static final int PIXELS_PER_UNIT = 2;

    private ChartFile() {}

    /**
     * Checks the name of a picture before anything is measured for it.
     *
     * @throws WinnowException if it ends neither in {@code .png} nor in {@code .svg}, or cannot be written
     */
    public static void check(Path file) {
        String name = name(file);
        if (!name.endsWith(".png") && !name.endsWith(".svg")) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The picture " + file + " has no known format: let its name end in .png or .svg.");
        }
        UnfinishedFile.check("picture", file);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }

    static void write(Path file, Chart chart) {
        check(file);
        System.setProperty("java.awt.headless", "true"); // no window system is asked for, wherever this runs
        requireFonts(file);
        try (UnfinishedFile unfinished = new UnfinishedFile(file)) {
            try (OutputStream out = Files.newOutputStream(unfinished.path())) {
                if (name(file).endsWith(".svg")) {
                    SvgWriter.write(chart, out);
                } else {
                    png(chart, out);
                }
            }
            unfinished.finish();
        } catch (NoClassDefFoundError e) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, "The picture " + file
                    + " cannot be drawn, because a library of the package is missing (" + e.getMessage()
                    + "): put its jar back, or let the name end in .png.", e);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.RESOURCES,
                    "The picture " + file + " cannot be written: " + UnfinishedFile.reason(e) + ".", e);
        }
    }

    /** Measures a letter. AWT looks for fonts at its first letter, and where it finds none, it throws by JDK and system whatever it likes. */
    private static void requireFonts(Path file) {
        try {
            Styles.font(Font.PLAIN, 12).getStringBounds("x", new FontRenderContext(null, true, true));
        } catch (RuntimeException | LinkageError | InternalError e) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, "The picture " + file
                    + " cannot be drawn, because Java finds no fonts on this machine: install fontconfig and a font, for example the packages "
                    + "fontconfig and fonts-dejavu-core.", e);
        }
    }

    private static void png(Chart chart, OutputStream out) throws IOException {
        BufferedImage image = new BufferedImage(PIXELS_PER_UNIT * chart.width(), PIXELS_PER_UNIT * chart.height(),
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.scale(PIXELS_PER_UNIT, PIXELS_PER_UNIT);
        paint(chart, graphics);
        graphics.dispose();
        if (!ImageIO.write(image, "png", out)) {
            throw new IOException("this Java writes no PNG");
        }
    }

    static void paint(Chart chart, Graphics2D graphics) {
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Chart.PAPER);
        graphics.fillRect(0, 0, chart.width(), chart.height());
        chart.paint(graphics);
    }
}
