/** Messages that are written once and sent as protobuf or as its JSON form. */
@NullMarked
package io.flarepath.api.message;

import org.jspecify.annotations.NullMarked;
