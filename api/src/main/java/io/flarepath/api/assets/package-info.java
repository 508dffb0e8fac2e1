/** The page's files and the description of the interface, from the class path. */
@NullMarked
package io.flarepath.api.assets;

import org.jspecify.annotations.NullMarked;
