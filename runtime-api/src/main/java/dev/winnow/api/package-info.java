/** What an application uses: runtime, model, session, options and events. */
@NullMarked
package dev.winnow.api;

import org.jspecify.annotations.NullMarked;
