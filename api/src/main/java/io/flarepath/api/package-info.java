/** The service: takes profiles, stores them, answers questions about them, serves the page. */
@NullMarked
package io.flarepath.api;

import org.jspecify.annotations.NullMarked;
