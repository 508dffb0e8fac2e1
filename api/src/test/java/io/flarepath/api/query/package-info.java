@NullMarked
package io.flarepath.api.query;

import org.jspecify.annotations.NullMarked;
