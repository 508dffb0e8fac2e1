@NullMarked
package io.flarepath.api.backup;

import org.jspecify.annotations.NullMarked;
