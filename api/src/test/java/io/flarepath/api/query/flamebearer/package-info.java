@NullMarked
package io.flarepath.api.query.flamebearer;

import org.jspecify.annotations.NullMarked;
