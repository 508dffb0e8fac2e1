package io.flarepath.agent.processes.labels;

/**
 * The workload that a pod belongs to, from the pod's name alone.
 *
 * <p>Kubernetes makes the endings from known alphabets: a ReplicaSet's hash is a 32-bit number
 * whose decimal digits are written with {@code 456789bcdf} ({@code SafeEncodeString}), a pod's is
 * five letters of {@code bcdfghjklmnpqrstvwxz2456789} (k8s.io/apimachinery, util/rand). A CronJob
 * adds minutes since 1970 to its Job's name, a StatefulSet an ordinal, the kubelet the node's name
 * to a static pod.
 */
final class WorkloadName {
    private static final String SAFE = "bcdfghjklmnpqrstvwxz2456789";
    private static final String SAFE_DIGITS = "456789bcdf";
    private static final int POD_HASH = 5;
    private static final int MAX_ORDINAL_DIGITS = 5;

    private WorkloadName() {}

    /**
     * The name without what its controller added.
     *
     * @param pod the pod's name
     * @param node the node's name, which ends the names of static pods; may be empty
     */
    static String of(String pod, String node) {
        if (!node.isEmpty() && pod.endsWith("-" + node) && pod.length() > node.length() + 1) {
            return pod.substring(0, pod.length() - node.length() - 1);
        }
        int last = pod.lastIndexOf('-');
        if (last <= 0) {
            return pod;
        }
        String ending = pod.substring(last + 1);
        String rest = pod.substring(0, last);
        int middle = rest.lastIndexOf('-');
        if (middle > 0 && isReplicaSet(rest.substring(middle + 1), ending)) {
            return rest.substring(0, middle);
        }
        if (ending.length() == POD_HASH && consistsOf(ending, SAFE)) {
            boolean cron = middle > 0 && isMinutes(rest.substring(middle + 1));
            return cron ? rest.substring(0, middle) : rest;
        }
        boolean ordinal = ending.length() <= MAX_ORDINAL_DIGITS && isDigits(ending);
        return ordinal ? rest : pod;
    }

    private static boolean isReplicaSet(String hash, String pod) {
        if (pod.length() != POD_HASH || !isLettersAndDigits(pod)) {
            return false;
        }
        int length = hash.length();
        if (length > 10) {
            return false;
        }
        if (length >= 6 && consistsOf(hash, SAFE_DIGITS)) {
            return length >= 8 || consistsOf(pod, SAFE);
        }
        // Hashes of before Kubernetes 1.9 are plain decimal digits.
        return length >= 8 && isDigits(hash) && !isMinutes(hash) && consistsOf(pod, SAFE);
    }

    /** Minutes since 1970 (of the years 2008 to 2065), or seconds, as old CronJobs wrote them. */
    private static boolean isMinutes(String text) {
        if (!isDigits(text)) {
            return false;
        }
        char first = text.charAt(0);
        return (text.length() == 8 && first >= '2' && first <= '4')
                || (text.length() == 10 && first == '1');
    }

    private static boolean isDigits(String text) {
        return !text.isEmpty() && consistsOf(text, "0123456789");
    }

    private static boolean isLettersAndDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                return false;
            }
        }
        return true;
    }

    private static boolean consistsOf(String text, String alphabet) {
        for (int i = 0; i < text.length(); i++) {
            if (alphabet.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }
}
