/**
 * A small engine for the Jinja templates inside model files: the language of Jinja 2 as Hugging Face sets it up for chat templates. Its strings know which of
 * their characters a user wrote.
 */
@NullMarked
package dev.winnow.core.chat.jinja;

import org.jspecify.annotations.NullMarked;
