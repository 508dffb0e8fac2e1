/**
 * What both halves of the service stand on: the HTTP server, its limits, the pool for blocking
 * work, tenants, metrics, and the one place where failures become answers.
 */
@NullMarked
package io.flarepath.api.server;

import org.jspecify.annotations.NullMarked;
