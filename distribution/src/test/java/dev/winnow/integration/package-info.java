/** All modules together, against reference data of llama.cpp. */
@NullMarked
package dev.winnow.integration;

import org.jspecify.annotations.NullMarked;
