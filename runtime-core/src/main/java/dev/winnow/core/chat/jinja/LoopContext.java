package dev.winnow.core.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} inside a loop. */
final class LoopContext implements Callable {

    private final List<Object> items;
    private final int depth;
    private final @Nullable Callable recursion;
    private int index = -1;
    private @Nullable Object lastChecked;

    LoopContext(List<Object> items, int depth, @Nullable Callable recursion) {
        this.items = items;
        this.depth = depth;
        this.recursion = recursion;
    }

    Object advance() {
        return items.get(++index);
    }

    boolean hasNext() {
        return index + 1 < items.size();
    }

    int depth() {
        return depth;
    }

    Object get(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> items.size() - index - 1L;
            case "first" -> index == 0;
            case "last" -> !hasNext();
            case "length" -> (long) items.size();
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("the item before the first of the loop");
            case "nextitem" -> hasNext() ? items.get(index + 1) : new Undefined("the item after the last of the loop");
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> new Undefined("the attribute '" + name + "' of the loop");
        };
    }

    private Object cycle(Arguments arguments) {
        arguments.require(0, "value");
        return arguments.positional().get(index % arguments.positional().size());
    }

    private boolean changed(Arguments arguments) {
        Object value = new Tuple(arguments.positional());
        boolean changed = lastChecked == null || !Values.isEqual(value, lastChecked);
        lastChecked = value;
        return changed;
    }

    @Override
    public Object call(Arguments arguments) {
        if (recursion == null) {
            throw JinjaException.of("the loop is not recursive");
        }
        return recursion.call(arguments);
    }
}
