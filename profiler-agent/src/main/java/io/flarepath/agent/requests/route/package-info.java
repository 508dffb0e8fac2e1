/** What may be said of a request: templates of paths, SQL without its literals. */
@NullMarked
package io.flarepath.agent.requests.route;

import org.jspecify.annotations.NullMarked;
