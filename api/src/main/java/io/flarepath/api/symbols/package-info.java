/** Names that come later: debug files that are pushed, and the symbol files made of them. */
@NullMarked
package io.flarepath.api.symbols;

import org.jspecify.annotations.NullMarked;
