/**
 * The configuration of both processes: one catalogue of settings, given by a YAML file, by {@code
 * FLAREPATH_*} variables and by {@code --set}, each overriding the one before.
 */
@NullMarked
package io.flarepath.config;

import org.jspecify.annotations.NullMarked;
