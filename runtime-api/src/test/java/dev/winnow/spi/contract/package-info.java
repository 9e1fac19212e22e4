/** Contract tests of the extension points: extend a class and give it your implementation. */
@NullMarked
package dev.winnow.spi.contract;

import org.jspecify.annotations.NullMarked;
