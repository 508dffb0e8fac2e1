package io.flarepath.api.query.connect;

/**
 * How much may be kept of what is uploaded to be looked at.
 *
 * @param fileBytes longest file ({@code limits.ad-hoc-file})
 * @param tenantBytes all files of a tenant together ({@code limits.ad-hoc})
 */
public record AdHocLimits(long fileBytes, long tenantBytes) {
    private static final int BESIDE = 64 << 10;

    /** The longest message with such a file, of which three bytes are four characters. */
    int bodyBytes() {
        return Math.toIntExact((fileBytes + 2) / 3 * 4 + BESIDE);
    }
}
