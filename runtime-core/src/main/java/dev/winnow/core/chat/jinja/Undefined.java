package dev.winnow.core.chat.jinja;

/**
 * The value of what does not exist: false, empty and printed as nothing; anything else is an error.
 *
 * @param description what does not exist, for the message
 */
record Undefined(String description) {

    JinjaException failure() {
        return JinjaException.of(description + " is undefined");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
