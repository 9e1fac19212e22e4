package dev.winnow.core.chat.jinja;

/** Python's None. */
enum None {
    NONE
}
