package dev.winnow.launcher.chart;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabelPlacerTest {

    @Test
    void namesOfACrowdCoverNeitherEachOtherNorAMark() {
        Rectangle2D area = new Rectangle2D.Double(80, 40, 700, 400);
        List<Point2D> marks = new ArrayList<>();
        List<Rectangle2D> covered = new ArrayList<>();
        for (int i = 0; i < 10; i++) { // some in the same place, some in a corner
            Point2D mark = i < 7 ? new Point2D.Double(400 + i / 2 * 6, 200 + i % 3 * 5) : new Point2D.Double(778, 42 + i);
            marks.add(mark);
            covered.add(new Rectangle2D.Double(mark.getX() - 5, mark.getY() - 5, 10, 10));
        }
        LabelPlacer placer = new LabelPlacer(area, covered);
        List<Rectangle2D> boxes = new ArrayList<>(covered);
        for (Point2D mark : marks) {
            Rectangle2D box = placer.place(mark, 75, 15);
            assertTrue(area.contains(box), box.toString());
            boxes.forEach(other -> assertFalse(other.intersects(box), other + " is covered by " + box));
            boxes.add(box);
        }
    }

    @Test
    void whereNothingIsFreeALabelIsBesideItsMark() {
        Rectangle2D area = new Rectangle2D.Double(0, 0, 20, 20);
        Rectangle2D box = new LabelPlacer(area, List.of()).place(new Point2D.Double(10, 10), 100, 15);
        assertTrue(box.getX() > 10 && box.getX() < 30, box.toString());
    }
}
