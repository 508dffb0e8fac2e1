/** Symbol files of sampled executables: made by a child process, kept on disk, mapped. */
@NullMarked
package io.flarepath.agent.symbols;

import org.jspecify.annotations.NullMarked;
