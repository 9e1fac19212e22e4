/** Chat templates: conversations to prompts. */
@NullMarked
package dev.winnow.core.chat;

import org.jspecify.annotations.NullMarked;
