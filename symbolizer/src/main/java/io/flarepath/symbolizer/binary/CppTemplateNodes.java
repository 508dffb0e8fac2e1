package io.flarepath.symbolizer.binary;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nodes of templates: arguments, packs and their expansion. */
final class CppTemplateNodes {
    private CppTemplateNodes() {}

    /** {@code name<args>}. */
    static final class Template extends CppNode {
        private final CppNode name;
        private final List<CppNode> arguments;

        Template(CppNode name, List<CppNode> arguments) {
            this.name = name;
            this.arguments = arguments;
        }

        @Override
        void printLeft(NameOutput out) {
            name.print(out);
            if (out.brief) {
                return;
            }
            if (out.last() == '<') {
                out.add(" ");
            }
            out.add("<");
            int index = out.packIndex;
            int size = out.packSize;
            list(arguments, out);
            out.packIndex = index;
            out.packSize = Math.max(size, out.packSize);
            out.add(out.last() == '>' ? " >" : ">");
        }

        @Override
        String baseName() {
            return name.baseName();
        }
    }

    /** {@code J…E}: prints all its elements. */
    static final class ArgumentPack extends CppNode {
        final List<CppNode> elements;

        ArgumentPack(List<CppNode> elements) {
            this.elements = elements;
        }

        @Override
        void printLeft(NameOutput out) {
            list(elements, out);
        }
    }

    /** Prints what it stands for, which depends on where it is printed. */
    abstract static class Reference extends CppNode {
        /** Against one that stands for itself. */
        private boolean asked;

        /** What it stands for here, or null for nothing. */
        abstract @Nullable CppNode current(NameOutput out);

        @Override
        void printLeft(NameOutput out) {
            CppNode current = current(out);
            if (current != null) {
                current.left(out);
            }
        }

        @Override
        void printRight(NameOutput out) {
            CppNode current = current(out);
            if (current != null) {
                current.right(out);
            }
        }

        @Override
        CppNode target(NameOutput out) {
            CppNode current = asked ? null : current(out);
            if (current == null) {
                return this;
            }
            asked = true;
            CppNode target = current.target(out);
            asked = false;
            return target;
        }

        @Override
        char rightKind(NameOutput out) {
            CppNode current = asked ? null : current(out);
            if (current == null) {
                return 0;
            }
            asked = true;
            char kind = current.rightKind(out);
            asked = false;
            return kind;
        }
    }

    /** A template parameter bound to a pack: prints the element that the expansion has reached. */
    static final class PackElement extends Reference {
        private final List<CppNode> elements;

        PackElement(List<CppNode> elements) {
            this.elements = elements;
        }

        @Override
        @Nullable CppNode current(NameOutput out) {
            if (out.packSize < 0) {
                out.packSize = elements.size();
            }
            out.packIndex = Math.max(0, out.packIndex);
            int index = out.packIndex;
            return index < elements.size() ? elements.get(index) : null;
        }
    }

    /** {@code Dp T}: prints the pattern once for each element of the packs in it. */
    static final class Expansion extends CppNode {
        private final CppNode pattern;

        Expansion(CppNode pattern) {
            this.pattern = pattern;
        }

        @Override
        void printLeft(NameOutput out) {
            int index = out.packIndex;
            int size = out.packSize;
            out.packIndex = -1;
            out.packSize = -1;
            int start = out.length();
            char last = out.last();
            pattern.print(out);
            if (out.packSize < 0) {
                out.add("...");
            } else if (out.packSize == 0) {
                out.truncate(start);
                out.last(last);
            }
            int elements = out.packSize;
            for (int i = 1; i < elements; i++) {
                out.packIndex = i;
                out.packSize = elements;
                out.add(", ");
                pattern.print(out);
            }
            out.packIndex = index;
            out.packSize = size;
        }
    }

    /**
     * {@code T_} among the parameters of a lambda: what it declares {@code auto}. As a substitution
     * elsewhere the same letters stand for an argument of the function that is being printed.
     */
    static final class LambdaParameter extends Reference {
        private final int index;

        LambdaParameter(int index) {
            this.index = index;
        }

        @Override
        @Nullable CppNode current(NameOutput out) {
            return out.lambdas > 0 || index >= out.templateArguments.size()
                    ? CppNode.text("auto:" + (index + 1))
                    : CppTypes.argument(out.templateArguments.get(index));
        }
    }

    /** A template parameter of a conversion operator: its argument comes later in the name. */
    static final class Forward extends CppNode {
        final int index;
        private @Nullable CppNode target;

        Forward(int index) {
            this.index = index;
        }

        void resolve(CppNode node) {
            target = node;
        }

        private CppNode resolved() {
            if (target == null || target == this) {
                throw new MangledNameException("a template parameter has no argument");
            }
            return target;
        }

        @Override
        CppNode target(NameOutput out) {
            return target == null || target instanceof Forward ? this : target.target(out);
        }

        @Override
        void printLeft(NameOutput out) {
            resolved().left(out);
        }

        @Override
        void printRight(NameOutput out) {
            resolved().right(out);
        }

        @Override
        char rightKind(NameOutput out) {
            return target == null || target instanceof Forward ? 0 : target.rightKind(out);
        }
    }
}
