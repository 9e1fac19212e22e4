package dev.winnow.launcher.chart;

import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;

/** Titles of up to two lines: names of arms, with all their settings, are longer than a picture is wide. */
final class Titles {

    private static final int TOP = 8;

    private Titles() {}

    /**
     * Draws a title at the top.
     *
     * @param x     left edge
     * @param width of the place for it
     */
    static void draw(Graphics2D graphics, String title, Font font, int x, int width) {
        graphics.setColor(Chart.INK);
        FontMetrics metrics = graphics.getFontMetrics(font);
        int end = fitting(title, metrics, width);
        line(graphics, title.substring(0, end), font, x, TOP + metrics.getAscent());
        if (end < title.length()) {
            String rest = title.substring(end);
            int last = fitting(rest, metrics, width);
            String shown = last < rest.length() ? rest.substring(0, Math.max(0, last - 1)) + "\u2026" : rest;
            line(graphics, shown, font, x, TOP + metrics.getAscent() + metrics.getHeight());
        }
    }

    /** Letters are drawn as outlines, as XChart draws them, so that an SVG looks alike without the font. */
    static void line(Graphics2D graphics, String text, Font font, int x, int y) {
        if (!text.isBlank()) {
            graphics.fill(font.createGlyphVector(graphics.getFontRenderContext(), text).getOutline(x, y));
        }
    }

    /** Returns the number of characters that fit, up to the last comma, colon or space if the text has to be broken. */
    private static int fitting(String text, FontMetrics metrics, int width) {
        int end = text.length();
        while (metrics.stringWidth(text.substring(0, end)) > width) {
            int shorter = end - 1;
            while (shorter > 0 && ",: ".indexOf(text.charAt(shorter - 1)) < 0) {
                shorter--;
            }
            end = shorter > 0 ? shorter : end - 1;
        }
        return end;
    }
}
