@NullMarked
package io.flarepath.api.agents;

import org.jspecify.annotations.NullMarked;
