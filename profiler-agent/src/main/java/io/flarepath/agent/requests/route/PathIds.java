package io.flarepath.agent.requests.route;

/** Which parts of paths stand for one thing of many. */
final class PathIds {
    private static final int LONGEST_WORD = 40;
    private static final int LONGEST_NUMBER = 3;

    private PathIds() {}

    /**
     * Numbers, UUIDs, hashes, tokens, addresses of e-mail; not versions ({@code v2}) or words with
     * a number in them ({@code http2}).
     */
    static boolean isId(String part) {
        int digits = 0;
        int letters = 0;
        boolean hexOnly = true;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == '@' || c == '%' || c == '=' || c == '?') {
                return true;
            }
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (Character.isLetter(c)) {
                letters++;
                hexOnly &= Character.digit(c, 16) >= 0;
            }
        }
        boolean number = digits > 0 && letters == 0;
        boolean hash = hexOnly && digits > 0 && digits + letters >= 8;
        return number || hash || digits > LONGEST_NUMBER || part.length() > LONGEST_WORD;
    }
}
