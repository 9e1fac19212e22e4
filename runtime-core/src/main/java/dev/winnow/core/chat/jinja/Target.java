package dev.winnow.core.chat.jinja;

import java.util.List;

/** Where a value goes. */
sealed interface Target {

    void assign(Object value, Frame frame);

    /** A variable. */
    record Variable(String name) implements Target {
        @Override
        public void assign(Object value, Frame frame) {
            frame.set(name, value);
        }
    }

    /** An attribute of a namespace. */
    record NamespaceAttribute(String namespace, String name) implements Target {
        @Override
        public void assign(Object value, Frame frame) {
            if (frame.get(namespace) instanceof Namespace object) {
                object.set(name, value);
            } else {
                throw JinjaException.of("'" + namespace + "' is not a namespace, so its attributes cannot be set");
            }
        }
    }

    /** Several targets for the items of a sequence. */
    record Unpacking(List<Target> targets) implements Target {
        @Override
        public void assign(Object value, Frame frame) {
            List<Object> items = Values.items(value);
            if (items.size() != targets.size()) {
                throw JinjaException.of(targets.size() + " values are expected, but there are " + items.size());
            }
            for (int i = 0; i < items.size(); i++) {
                targets.get(i).assign(items.get(i), frame);
            }
        }
    }
}
