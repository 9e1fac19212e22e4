package dev.winnow.launcher.chart;

import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;

/** Finds places for labels beside marks, so that no label covers another one or a mark. Not thread-safe. */
final class LabelPlacer {

    /** Distances from the mark to the label, the nearest first. */
    private static final double[] DISTANCES = {9, 20, 34, 50, 70, 95, 125, 160};
    private static final int DIRECTIONS = 12;

    private final Rectangle2D area;
    private final List<Rectangle2D> taken = new ArrayList<>();

    /**
     * Prepares places.
     *
     * @param area  where labels may be
     * @param covered what they may not cover
     */
    LabelPlacer(Rectangle2D area, List<Rectangle2D> covered) {
        this.area = area;
        taken.addAll(covered);
    }

    /** Returns the nearest free place for a label; where everything is full, one that covers something. */
    Rectangle2D place(Point2D mark, double width, double height) {
        for (double distance : DISTANCES) {
            for (int direction = 0; direction < DIRECTIONS; direction++) {
                double angle = direction * 2 * Math.PI / DIRECTIONS; // the first one is to the right, where people read on
                Rectangle2D box = box(mark, distance, angle, width, height);
                if (area.contains(box) && taken.stream().noneMatch(other -> other.intersects(box))) {
                    taken.add(box);
                    return box;
                }
            }
        }
        return box(mark, DISTANCES[0], 0, width, height);
    }

    /** The label touches a circle around the mark with the side that is nearest to the mark. */
    private static Rectangle2D box(Point2D mark, double distance, double angle, double width, double height) {
        double x = mark.getX() + distance * Math.cos(angle) + (Math.cos(angle) - 1) / 2 * width;
        double y = mark.getY() + distance * Math.sin(angle) + (Math.sin(angle) - 1) / 2 * height;
        return new Rectangle2D.Double(x, y, width, height);
    }
}
