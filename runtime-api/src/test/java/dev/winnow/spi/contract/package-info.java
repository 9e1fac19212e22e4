/** Contract tests that plug-in authors extend, and the small in-memory pieces that they need. */
@NullMarked
package dev.winnow.spi.contract;

import org.jspecify.annotations.NullMarked;
