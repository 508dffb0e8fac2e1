@NullMarked
package io.flarepath.api.query.page;

import org.jspecify.annotations.NullMarked;
