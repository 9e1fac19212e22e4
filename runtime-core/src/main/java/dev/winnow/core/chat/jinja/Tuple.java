package dev.winnow.core.chat.jinja;

import java.util.List;

/** A sequence that prints with parentheses. */
record Tuple(List<Object> items) {}
