/** Backends for CPUs, written with the Vector API: attention, matrix products and elementwise operations. */
@NullMarked
package dev.winnow.cpu;

import org.jspecify.annotations.NullMarked;
