package io.flarepath.agent.processes.labels;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Finds what a command line of {@code java} runs: a main class, a jar, a module or a source file
 * (the launcher's rules: java(1), and java.c and args.c of JDK 25).
 */
public final class JvmCommandLine {
    /** Options whose value is the next argument. */
    private static final Set<String> WITH_VALUE =
            Set.of(
                    "-cp",
                    "-classpath",
                    "--class-path",
                    "-p",
                    "--module-path",
                    "--upgrade-module-path",
                    "--add-modules",
                    "--limit-modules",
                    "--add-exports",
                    "--add-opens",
                    "--add-reads",
                    "--patch-module",
                    "--enable-native-access",
                    "--illegal-native-access",
                    "--enable-final-field-mutation",
                    "--illegal-final-field-mutation",
                    "--finalization",
                    "--describe-module",
                    "-d",
                    "--source");

    private static final int MAX_FILE_ARGUMENTS = 10_000;

    private JvmCommandLine() {}

    /**
     * Name of what runs: the full name of the main class, the jar's file name without {@code .jar},
     * the module, or the source file without {@code .java}; empty if there is none.
     *
     * @param arguments the command line, the program first
     * @param files gives the text of an {@code @argfile}, or an empty text
     */
    public static String main(List<String> arguments, UnaryOperator<String> files) {
        Deque<String> rest = new ArrayDeque<>(arguments);
        rest.poll();
        boolean expand = true;
        // What came from a file is not expanded again, or a file could name itself for ever.
        int fromFile = 0;
        while (!rest.isEmpty()) {
            String argument = rest.remove();
            boolean ofFile = fromFile > 0;
            fromFile = Math.max(0, fromFile - 1);
            if (argument.startsWith("@") && argument.length() > 1 && expand && !ofFile) {
                if (argument.startsWith("@@")) {
                    return mainName(argument.substring(1));
                }
                List<String> more = argumentsOf(files.apply(argument.substring(1)));
                for (int i = more.size() - 1; i >= 0; i--) {
                    rest.addFirst(more.get(i));
                }
                fromFile = more.size();
            } else if (argument.equals("--disable-@files")) {
                expand = false;
            } else if (argument.equals("-jar")) {
                String jar = rest.poll();
                return jar == null ? "" : withoutEnding(fileName(jar), ".jar");
            } else if (argument.equals("-m") || argument.equals("--module")) {
                String module = rest.poll();
                return module == null ? "" : moduleName(module);
            } else if (argument.startsWith("--module=")) {
                return moduleName(argument.substring("--module=".length()));
            } else if (WITH_VALUE.contains(argument)) {
                rest.poll();
                fromFile = Math.max(0, fromFile - 1);
            } else if (!argument.startsWith("-") && !argument.isEmpty()) {
                return mainName(argument);
            }
        }
        return "";
    }

    private static String moduleName(String module) {
        int slash = module.indexOf('/');
        return slash < 0 ? module : module.substring(slash + 1);
    }

    private static String mainName(String argument) {
        if (argument.endsWith(".java")) {
            return withoutEnding(fileName(argument), ".java");
        }
        return argument.replace('/', '.');
    }

    private static String withoutEnding(String name, String ending) {
        boolean has = name.length() > ending.length() && name.endsWith(ending);
        return has ? name.substring(0, name.length() - ending.length()) : name;
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /**
     * Splits an argument file: white space between arguments, quotes around them with backslash
     * escapes inside, {@code #} comments to the end of the line.
     */
    static List<String> argumentsOf(String text) {
        List<String> arguments = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        boolean inArgument = false;
        char quote = 0;
        for (int i = 0; i < text.length() && arguments.size() < MAX_FILE_ARGUMENTS; i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else if (c == '\\' && i + 1 < text.length()) {
                    i = escape(text, i + 1, current);
                } else {
                    current.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inArgument = true;
            } else if (c == '#' && !inArgument) {
                int end = text.indexOf('\n', i);
                i = end < 0 ? text.length() : end;
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                if (inArgument) {
                    arguments.add(current.toString());
                    current.setLength(0);
                }
                inArgument = false;
            } else {
                current.append(c);
                inArgument = true;
            }
        }
        if (inArgument) {
            arguments.add(current.toString());
        }
        return arguments;
    }

    /** Appends what the backslash before {@code at} means; gives the last position it used. */
    private static int escape(String text, int at, StringBuilder into) {
        char c = text.charAt(at);
        switch (c) {
            case 'n' -> into.append('\n');
            case 't' -> into.append('\t');
            case 'r' -> into.append('\r');
            case 'f' -> into.append('\f');
            case '\n', '\r' -> {
                // A line that goes on: leading white space of the next one does not count.
                int next = at + 1;
                while (next < text.length() && " \t\n\r\f".indexOf(text.charAt(next)) >= 0) {
                    next++;
                }
                return next - 1;
            }
            default -> into.append(c);
        }
        return at;
    }
}
