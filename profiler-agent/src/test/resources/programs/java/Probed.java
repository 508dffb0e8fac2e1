/** Java that calls C that calls Java that calls C. */
final class Probed {
    private Probed() {}

    static native void down();

    static native void up();

    static void back() {
        up();
    }

    static void calls() {
        while (true) {
            down();
        }
    }

    public static void main(String[] words) {
        System.load(words[0]);
        new Thread(Probed::calls, "worker").start();
    }
}
