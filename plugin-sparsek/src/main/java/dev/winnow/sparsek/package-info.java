/** SparseK: each query keeps its best keys, a window and a stride; chosen exactly, or fast from an estimate that is shared by a tile. */
@NullMarked
package dev.winnow.sparsek;

import org.jspecify.annotations.NullMarked;
