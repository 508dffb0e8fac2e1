@NullMarked
package io.flarepath.api.query.export;

import org.jspecify.annotations.NullMarked;
