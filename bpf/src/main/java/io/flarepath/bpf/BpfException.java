package io.flarepath.bpf;

/**
 * The kernel, or the library for it, refused something. The message says what was tried, the error
 * by its name, and the cure where one is known.
 */
public final class BpfException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;
    private final String errnoName;
    private final String attempt;
    private final String cure;
    private final String detail;

    BpfException(int errno, String errnoName, String attempt, String cure, String detail) {
        super(message(errnoName, attempt, cure, detail));
        this.errno = errno;
        this.errnoName = errnoName;
        this.attempt = attempt;
        this.cure = cure;
        this.detail = detail;
    }

    /** A refusal of our own, without an error number. */
    static BpfException refusal(String attempt, String cure) {
        return new BpfException(0, "", attempt, cure, "");
    }

    private static String message(String errnoName, String attempt, String cure, String detail) {
        StringBuilder message = new StringBuilder(attempt);
        if (!errnoName.isEmpty()) {
            message.append(": ").append(errnoName);
        }
        if (!cure.isEmpty()) {
            message.append("; cure: ").append(cure);
        }
        if (!detail.isEmpty()) {
            message.append("; the loader said: ").append(detail.strip());
        }
        return message.toString();
    }

    /** The error number, or 0 where there is none. */
    public int errno() {
        return errno;
    }

    /** The name of the error, such as EPERM, or empty. */
    public String errnoName() {
        return errnoName;
    }

    /** What was tried. */
    public String attempt() {
        return attempt;
    }

    /** What to do about it, or empty. */
    public String cure() {
        return cure;
    }

    /** What libbpf or the kernel's verifier said, or empty. */
    public String detail() {
        return detail;
    }
}
