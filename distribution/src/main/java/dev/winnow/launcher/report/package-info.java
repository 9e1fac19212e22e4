/** What several measurements together say: where numbers come from, pictures of them, and the page of results. */
@NullMarked
package dev.winnow.launcher.report;

import org.jspecify.annotations.NullMarked;
