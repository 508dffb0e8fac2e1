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

    /** A template parameter bound to a pack: prints the element that the expansion has reached. */
    static final class PackElement extends CppNode {
        private final List<CppNode> elements;

        PackElement(List<CppNode> elements) {
            this.elements = elements;
        }

        private @Nullable CppNode current(NameOutput out) {
            if (out.packSize < 0) {
                out.packSize = elements.size();
            }
            out.packIndex = Math.max(0, out.packIndex);
            int index = out.packIndex;
            return index >= 0 && index < elements.size() ? elements.get(index) : null;
        }

        @Override
        void printLeft(NameOutput out) {
            CppNode element = current(out);
            if (element != null) {
                element.left(out);
            }
        }

        @Override
        void printRight(NameOutput out) {
            CppNode element = current(out);
            if (element != null) {
                element.right(out);
            }
        }

        @Override
        CppNode target(NameOutput out) {
            CppNode element = current(out);
            return element == null ? this : element.target(out);
        }

        @Override
        char rightKind(NameOutput out) {
            CppNode element = current(out);
            return element == null ? 0 : element.rightKind(out);
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
    static final class LambdaParameter extends CppNode {
        private final int index;

        /** Against an argument that stands for itself. */
        private boolean asked;

        LambdaParameter(int index) {
            this.index = index;
        }

        private @Nullable CppNode argument(NameOutput out) {
            return out.lambdas > 0 || asked || index >= out.templateArguments.size()
                    ? null
                    : CppTypes.argument(out.templateArguments.get(index));
        }

        @Override
        CppNode target(NameOutput out) {
            CppNode argument = argument(out);
            if (argument == null) {
                return this;
            }
            asked = true;
            CppNode target = argument.target(out);
            asked = false;
            return target;
        }

        @Override
        void printLeft(NameOutput out) {
            CppNode argument = argument(out);
            if (argument == null) {
                out.add("auto:" + (index + 1));
            } else {
                argument.left(out);
            }
        }

        @Override
        void printRight(NameOutput out) {
            CppNode argument = argument(out);
            if (argument != null) {
                argument.right(out);
            }
        }

        @Override
        char rightKind(NameOutput out) {
            CppNode argument = argument(out);
            if (argument == null) {
                return 0;
            }
            asked = true;
            char kind = argument.rightKind(out);
            asked = false;
            return kind;
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
