/** Kafka's protocol (kafka.apache.org/protocol). */
@NullMarked
package io.flarepath.agent.requests.kafka;

import org.jspecify.annotations.NullMarked;
