/** What Winnow tells a flight recording (JFR): loading, prompts, tokens, attention and refiners. Nothing is computed for it while no recording runs. */
@NullMarked
package dev.winnow.core.events;

import org.jspecify.annotations.NullMarked;
