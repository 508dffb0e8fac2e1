/**
 * The tests' only HTTP client: it checks every answer against openapi.yaml. Any test of the service
 * may use it; it needs a port and nothing else.
 */
@NullMarked
package io.flarepath.api.contract;

import org.jspecify.annotations.NullMarked;
