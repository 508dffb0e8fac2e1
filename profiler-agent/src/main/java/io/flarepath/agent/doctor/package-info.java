/** {@code flarepath doctor}: what this machine allows, and what each missing thing costs. */
@NullMarked
package io.flarepath.agent.doctor;

import org.jspecify.annotations.NullMarked;
