package io.flarepath.agent.processes.labels;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of a process's environment is of use here. Nothing else of it is kept: environments hold
 * secrets.
 *
 * @param serviceName {@code OTEL_SERVICE_NAME}, or empty
 * @param resource decoded {@code OTEL_RESOURCE_ATTRIBUTES}
 * @param hostname {@code HOSTNAME}, or empty
 * @param profilingOff whether {@code FLAREPATH_PROFILE} is {@code off}
 */
public record EnvironmentLabels(
        String serviceName, Map<String, String> resource, String hostname, boolean profilingOff) {

    /** An environment without anything of interest. */
    public static final EnvironmentLabels NONE = new EnvironmentLabels("", Map.of(), "", false);

    private static final int MAX_ATTRIBUTES = 64;

    /**
     * Reads entries {@code NAME=value}, each ended by a NUL byte, as {@code /proc/PID/environ} has
     * them. The first of equal names counts, as for getenv(3).
     *
     * @param block the bytes
     * @param length how many of them count; an entry cut short by it is passed over
     */
    public static EnvironmentLabels parse(byte[] block, int length) {
        String service = "";
        String attributes = "";
        String hostname = "";
        String profile = "";
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (block[i] != 0) {
                continue;
            }
            service = first(service, block, start, i, "OTEL_SERVICE_NAME=");
            attributes = first(attributes, block, start, i, "OTEL_RESOURCE_ATTRIBUTES=");
            hostname = first(hostname, block, start, i, "HOSTNAME=");
            profile = first(profile, block, start, i, "FLAREPATH_PROFILE=");
            start = i + 1;
        }
        boolean off = profile.equalsIgnoreCase("off");
        if (service.isEmpty() && attributes.isEmpty() && hostname.isEmpty() && !off) {
            return NONE;
        }
        return new EnvironmentLabels(service.strip(), attributes(attributes), hostname, off);
    }

    private static String first(String known, byte[] block, int start, int end, String prefix) {
        if (!known.isEmpty() || end - start < prefix.length()) {
            return known;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (block[start + i] != prefix.charAt(i)) {
                return known;
            }
        }
        int from = start + prefix.length();
        return new String(block, from, end - from, StandardCharsets.UTF_8);
    }

    /**
     * Reads {@code key=value,key=value} with percent-encoded values (OpenTelemetry resource SDK, as
     * in W3C Baggage). Entries that do not parse are passed over.
     */
    static Map<String, String> attributes(String text) {
        Map<String, String> found = new TreeMap<>();
        int start = 0;
        while (start < text.length() && found.size() < MAX_ATTRIBUTES) {
            int comma = text.indexOf(',', start);
            int end = comma < 0 ? text.length() : comma;
            int equals = text.indexOf('=', start);
            if (equals > start && equals < end) {
                String key = decode(text.substring(start, equals).strip());
                String value = decode(text.substring(equals + 1, end).strip());
                if (!key.isEmpty() && !value.isEmpty()) {
                    found.put(key, value);
                }
            }
            start = end + 1;
        }
        return Map.copyOf(found);
    }

    private static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int out = 0;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '%' && i + 2 < bytes.length) {
                int high = Character.digit(bytes[i + 1], 16);
                int low = Character.digit(bytes[i + 2], 16);
                if (high >= 0 && low >= 0) {
                    b = (byte) (high * 16 + low);
                    i += 2;
                }
            }
            bytes[out++] = b;
        }
        return new String(bytes, 0, out, StandardCharsets.UTF_8);
    }
}
