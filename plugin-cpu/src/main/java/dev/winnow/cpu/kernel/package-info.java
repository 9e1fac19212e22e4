/**
 * The loops of the backends, written with the Vector API, and what they share: matrix tiles, rows of a token, scores and values of attention, softmax, norms.
 * What decides which of them run stays outside. The launcher has the methods of this package, and of no other, compiled after a few calls: interpreted vectors
 * are a thousand times slower, and a method that calls kernels would be compiled with all of them in it again.
 */
@NullMarked
package dev.winnow.cpu.kernel;

import org.jspecify.annotations.NullMarked;
