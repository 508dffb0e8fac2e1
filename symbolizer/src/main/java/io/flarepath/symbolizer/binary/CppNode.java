package io.flarepath.symbolizer.binary;

import java.util.List;

/**
 * A part of a C++ name. Types print around what they declare: a pointer to a function has its
 * result on the left and its parameters on the right.
 */
abstract class CppNode {
    abstract void printLeft(NameOutput out);

    void printRight(NameOutput out) {}

    /** What stands between a pointer to this and its right part: '(' for functions, '[' arrays. */
    char rightKind(NameOutput out) {
        return 0;
    }

    /** The unqualified name, which constructors repeat. */
    String baseName() {
        return "";
    }

    /** What it stands for, behind a template parameter that is known only later. */
    CppNode target(NameOutput out) {
        return this;
    }

    final void left(NameOutput out) {
        out.enter();
        printLeft(out);
        out.leave();
    }

    final void right(NameOutput out) {
        out.enter();
        printRight(out);
        out.leave();
    }

    final void print(NameOutput out) {
        left(out);
        right(out);
    }

    /** Prints elements with commas, none for those that print nothing (empty packs). */
    static void list(List<CppNode> elements, NameOutput out) {
        boolean first = true;
        for (CppNode element : elements) {
            int before = out.length();
            if (!first) {
                out.add(", ");
            }
            int start = out.length();
            element.print(out);
            if (out.length() == start) {
                out.truncate(before);
            } else {
                first = false;
            }
        }
    }

    /** Plain text. */
    static CppNode text(String text) {
        return new Text(text, text);
    }

    /** Plain text with another name for its constructors. */
    static CppNode text(String text, String base) {
        return new Text(text, base);
    }

    /** Text before a node. */
    static CppNode prefixed(String prefix, CppNode node) {
        return new CppNode() {
            @Override
            void printLeft(NameOutput out) {
                out.add(prefix);
                node.print(out);
            }
        };
    }

    /** Parts in a row; the last one names. */
    static CppNode row(CppNode... parts) {
        return new CppNode() {
            @Override
            void printLeft(NameOutput out) {
                for (CppNode part : parts) {
                    part.print(out);
                }
            }

            @Override
            String baseName() {
                return parts[parts.length - 1].baseName();
            }
        };
    }

    private static final class Text extends CppNode {
        private final String text;
        private final String base;

        Text(String text, String base) {
            this.text = text;
            this.base = base;
        }

        @Override
        void printLeft(NameOutput out) {
            boolean arguments = out.brief && text.endsWith(">") && text.startsWith("std::");
            out.add(arguments ? text.substring(0, text.indexOf('<')) : text);
        }

        @Override
        String baseName() {
            return base;
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
