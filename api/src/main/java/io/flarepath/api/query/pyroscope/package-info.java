/**
 * Pyroscope's GET routes: render, render-diff, label-values; flamebearer as its clients read it.
 */
@NullMarked
package io.flarepath.api.query.pyroscope;

import org.jspecify.annotations.NullMarked;
