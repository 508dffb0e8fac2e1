@NullMarked
package io.flarepath.api.assets;

import org.jspecify.annotations.NullMarked;
