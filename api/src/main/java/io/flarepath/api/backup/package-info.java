/** Backups: all of a running server as one stream, and the folders that are made of it. */
@NullMarked
package io.flarepath.api.backup;

import org.jspecify.annotations.NullMarked;
