package io.flarepath.agent.processes.labels;

/**
 * What the cgroup paths of a process tell: the pod and container, or the systemd unit, it runs in.
 *
 * <p>Forms known (64 hexadecimal digits stand as {@code <id>}):
 *
 * <pre>
 * kubelet, cgroupfs   /kubepods/burstable/pod&lt;uid&gt;/&lt;id&gt;
 * kubelet, systemd    /kubepods.slice/…/kubepods-burstable-pod&lt;uid_&gt;.slice/cri-containerd-&lt;id&gt;.scope
 * containerd, broken  /system.slice/containerd.service/kubepods-pod&lt;uid_&gt;.slice:cri-containerd:&lt;id&gt;
 * CRI-O               …/crio-&lt;id&gt;.scope[/container], …/crio-&lt;id&gt;
 * Docker              /docker/&lt;id&gt;, /system.slice/docker-&lt;id&gt;.scope
 * Podman              /machine.slice/libpod-&lt;id&gt;.scope[/container], /libpod_parent/libpod-&lt;id&gt;
 * </pre>
 *
 * The innermost container wins, so that kind and Docker in Docker are seen as what runs in them.
 *
 * @param podUid the pod's UID with dashes, or empty
 * @param containerId 64 hexadecimal digits, or empty
 * @param unit systemd service without {@code .service}, or empty; never {@code user@…}
 * @param path the path the facts come from, else the one of cgroup v2, else the first
 */
public record CgroupPlace(String podUid, String containerId, String unit, String path) {

    /** Nothing known. */
    public static final CgroupPlace NONE = new CgroupPlace("", "", "", "");

    private static final int ID_LENGTH = 64;

    /**
     * Reads the text of {@code /proc/PID/cgroup}, whose lines are {@code
     * hierarchy:controllers:path} (cgroups(7)): of version 1, version 2, or both.
     *
     * @param text whole or cut short; lines that do not parse are passed over
     */
    public static CgroupPlace parse(String text) {
        CgroupPlace best = NONE;
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            if (end < 0) {
                end = text.length();
            }
            String line = text.substring(start, end);
            start = end + 1;
            int first = line.indexOf(':');
            int second = line.indexOf(':', first + 1);
            if (first < 0 || second < 0) {
                continue;
            }
            CgroupPlace here = ofPath(line.substring(second + 1));
            boolean unified = line.startsWith("0::");
            if (here.rank() > best.rank() || (here.rank() == best.rank() && unified)) {
                best = here.withUnit(here.unit.isEmpty() ? best.unit : here.unit);
            } else if (best.unit.isEmpty()) {
                best = best.withUnit(here.unit);
            }
        }
        return best;
    }

    /** Whether it is a container or a pod. */
    public boolean isContainer() {
        return !containerId.isEmpty() || !podUid.isEmpty();
    }

    private CgroupPlace withUnit(String name) {
        return new CgroupPlace(podUid, containerId, name, path);
    }

    private int rank() {
        int container = containerId.isEmpty() ? 0 : 4;
        int pod = podUid.isEmpty() ? 0 : 2;
        // In a hybrid set-up some hierarchies keep everything at their root.
        return container + pod + (path.length() > 1 ? 1 : 0);
    }

    private static CgroupPlace ofPath(String path) {
        String pod = "";
        String container = "";
        String unit = "";
        int start = 0;
        while (start <= path.length()) {
            int end = nextSeparator(path, start);
            String part = path.substring(start, end);
            start = end + 1;
            if (isMonitor(part)) {
                // conmon runs on the host for the container: it is not in it.
                return new CgroupPlace("", "", unit, path);
            }
            String uid = podUid(part);
            String id = uid.isEmpty() ? containerId(part) : "";
            if (!uid.isEmpty()) {
                pod = uid;
                container = "";
                unit = "";
            } else if (!id.isEmpty()) {
                container = id;
                unit = "";
            } else if (part.endsWith(".service") && !part.startsWith("user@")) {
                unit = unescape(part.substring(0, part.length() - ".service".length()));
            }
        }
        return new CgroupPlace(pod, container, unit, path);
    }

    private static int nextSeparator(String path, int start) {
        for (int i = start; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '/' || c == ':') {
                return i;
            }
        }
        return path.length();
    }

    private static boolean isMonitor(String part) {
        return part.startsWith("crio-conmon-") || part.startsWith("libpod-conmon-");
    }

    private static String podUid(String part) {
        String uid;
        if (part.endsWith(".slice")) {
            int at = part.lastIndexOf("-pod");
            if (at < 0 || !part.contains("kubepods")) {
                return "";
            }
            uid = part.substring(at + 4, part.length() - ".slice".length()).replace('_', '-');
        } else if (part.startsWith("pod")) {
            uid = part.substring(3);
        } else {
            return "";
        }
        return isUid(uid) ? uid : "";
    }

    /** A UUID, or the 32 digits that the kubelet gives a static pod. */
    private static boolean isUid(String text) {
        int length = text.length();
        if (length != 36 && length != 32) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            boolean dash = length == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
            char c = text.charAt(i);
            if (dash ? c != '-' : !isHex(c)) {
                return false;
            }
        }
        return true;
    }

    private static String containerId(String part) {
        String name =
                part.endsWith(".scope")
                        ? part.substring(0, part.length() - ".scope".length())
                        : part;
        int at = name.length() - ID_LENGTH;
        if (at < 0 || (at > 0 && name.charAt(at - 1) != '-')) {
            return "";
        }
        for (int i = at; i < name.length(); i++) {
            if (!isHex(name.charAt(i))) {
                return "";
            }
        }
        return name.substring(at);
    }

    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    /** Undoes systemd's escapes in unit names ({@code \x2d}; systemd-escape(1)). */
    private static String unescape(String name) {
        if (name.indexOf('\\') < 0) {
            return name;
        }
        StringBuilder plain = new StringBuilder(name.length());
        int i = 0;
        while (i < name.length()) {
            if (name.startsWith("\\x", i) && i + 4 <= name.length()) {
                int high = Character.digit(name.charAt(i + 2), 16);
                int low = Character.digit(name.charAt(i + 3), 16);
                if (high >= 0 && low >= 0) {
                    plain.append((char) (high * 16 + low));
                    i += 4;
                    continue;
                }
            }
            plain.append(name.charAt(i++));
        }
        return plain.toString();
    }
}
