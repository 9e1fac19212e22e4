@NullMarked
package dev.winnow.core.profile;

import org.jspecify.annotations.NullMarked;
