@NullMarked
package io.flarepath.api.query.connect;

import org.jspecify.annotations.NullMarked;
