@NullMarked
package io.flarepath.api.symbols;

import org.jspecify.annotations.NullMarked;
