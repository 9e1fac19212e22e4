/**
 * Contract tests: what every backend has to satisfy, whoever wrote it. A plug-in author extends an abstract class of this package and returns the own
 * backend; the rest of the package is the support that such tests need.
 */
@NullMarked
package dev.winnow.spi.contract;

import org.jspecify.annotations.NullMarked;
