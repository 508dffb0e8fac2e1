/**
 * The store: profiles in, merged trees and series out. Its public face is {@link
 * io.flarepath.store.ProfileStore}.
 */
@NullMarked
package io.flarepath.store;

import org.jspecify.annotations.NullMarked;
