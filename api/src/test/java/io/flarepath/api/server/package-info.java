@NullMarked
package io.flarepath.api.server;

import org.jspecify.annotations.NullMarked;
