/** What is asked of the store, and the merged trees and series that answer. */
@NullMarked
package io.flarepath.store.query;

import org.jspecify.annotations.NullMarked;
