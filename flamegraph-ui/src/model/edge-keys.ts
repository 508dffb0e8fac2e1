/** What the edges of the map can be ordered by; names first. */
export const EDGE_NAMES = ["from", "to", "protocol"] as const;
export type EdgeKey = (typeof EDGE_NAMES)[number] | "rate" | "failed" | "p99" | "network" | "bytes" | "retransmits" | "connectFailures" | "resets" | "rtt" | "health";
export const EDGE_KEYS: readonly EdgeKey[] = [...EDGE_NAMES, "rate", "failed", "p99", "network", "bytes", "retransmits", "connectFailures", "resets", "rtt", "health"];
