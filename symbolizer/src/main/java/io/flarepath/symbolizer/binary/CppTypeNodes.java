package io.flarepath.symbolizer.binary;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nodes of types whose declarators wrap around a name. */
final class CppTypeNodes {
    private CppTypeNodes() {}

    /** {@code T*}, {@code T&}, {@code T&&}; references to references collapse. */
    static final class Pointer extends CppNode {
        private final CppNode pointee;
        private final String sign;

        Pointer(CppNode pointee, String sign) {
            this.pointee = pointee;
            this.sign = sign;
        }

        private Pointer collapsed(NameOutput out) {
            CppNode inner = pointee.target(out);
            if (sign.startsWith("&") && inner instanceof Pointer p && p.sign.startsWith("&")) {
                Pointer deeper = p.collapsed(out);
                boolean lvalue = sign.equals("&") || deeper.sign.equals("&");
                return new Pointer(deeper.pointee, lvalue ? "&" : "&&");
            }
            return this;
        }

        @Override
        void printLeft(NameOutput out) {
            Pointer shown = collapsed(out);
            CppNode inner = shown.pointee;
            inner.left(out);
            char kind = inner.rightKind(out);
            if (kind == '[') {
                out.add(" (");
            } else if (kind == '(') {
                out.add("(");
            }
            out.add(shown.sign);
        }

        @Override
        void printRight(NameOutput out) {
            CppNode inner = collapsed(out).pointee;
            char kind = inner.rightKind(out);
            if (kind == '[' || kind == '(') {
                out.add(")");
            }
            inner.right(out);
        }

        @Override
        char rightKind(NameOutput out) {
            // What is declared inside the parentheses needs none of its own.
            return pointee.rightKind(out) == 0 ? 0 : 'p';
        }
    }

    /** {@code T const}. */
    static final class Qualified extends CppNode {
        private final CppNode type;
        private final String qualifiers;

        Qualified(CppNode type, String qualifiers) {
            this.type = type;
            this.qualifiers = qualifiers;
        }

        @Override
        void printLeft(NameOutput out) {
            type.left(out);
            if (rightKind(out) != '(') {
                CppNode inner = type.target(out);
                boolean same = inner instanceof Qualified q && q.qualifiers.equals(qualifiers);
                if (!same) {
                    out.add(qualifiers);
                }
            }
        }

        @Override
        void printRight(NameOutput out) {
            type.right(out);
            if (rightKind(out) == '(') {
                out.add(qualifiers);
            }
        }

        @Override
        char rightKind(NameOutput out) {
            return type.rightKind(out);
        }

        @Override
        String baseName() {
            return type.baseName();
        }
    }

    /** {@code R (A, B)}. */
    static final class Function extends CppNode {
        private final CppNode result;
        private final List<CppNode> parameters;
        private final String suffix;

        Function(CppNode result, List<CppNode> parameters, String suffix) {
            this.result = result;
            this.parameters = parameters;
            this.suffix = suffix;
        }

        @Override
        void printLeft(NameOutput out) {
            result.left(out);
            if (result.rightKind(out) == 0) {
                out.add(" ");
            }
        }

        @Override
        void printRight(NameOutput out) {
            out.add("(");
            list(parameters, out);
            out.add(")");
            result.right(out);
            out.add(suffix);
        }

        @Override
        char rightKind(NameOutput out) {
            return '(';
        }
    }

    /** {@code T [n]}. */
    static final class Array extends CppNode {
        private final CppNode element;
        private final CppNode size;

        Array(CppNode element, CppNode size) {
            this.element = element;
            this.size = size;
        }

        @Override
        void printLeft(NameOutput out) {
            element.left(out);
        }

        @Override
        void printRight(NameOutput out) {
            if (out.last() != ']') {
                out.add(" ");
            }
            out.add("[");
            size.print(out);
            out.add("]");
            element.right(out);
        }

        @Override
        char rightKind(NameOutput out) {
            return '[';
        }
    }

    /** {@code T C::*}. */
    static final class MemberPointer extends CppNode {
        private final CppNode owner;
        private final CppNode member;

        MemberPointer(CppNode owner, CppNode member) {
            this.owner = owner;
            this.member = member;
        }

        @Override
        void printLeft(NameOutput out) {
            member.left(out);
            char kind = member.rightKind(out);
            out.add(kind == '(' ? "(" : kind == '[' ? " (" : " ");
            owner.print(out);
            out.add("::*");
        }

        @Override
        void printRight(NameOutput out) {
            char kind = member.rightKind(out);
            if (kind == '(' || kind == '[') {
                out.add(")");
            }
            member.right(out);
        }

        @Override
        char rightKind(NameOutput out) {
            return member.rightKind(out) == 0 ? 0 : 'p';
        }
    }

    /** A function with its parameters, and its result where the mangling tells it. */
    static final class Encoding extends CppNode {
        private final @Nullable CppNode result;
        private final CppNode name;
        private final List<CppNode> parameters;
        private final String suffix;
        private final boolean nested;
        private final List<CppNode> templateArguments;

        Encoding(
                @Nullable CppNode result,
                CppNode name,
                List<CppNode> parameters,
                String suffix,
                boolean nested,
                List<CppNode> templateArguments) {
            this.nested = nested;
            this.templateArguments = templateArguments;
            this.result = result;
            this.name = name;
            this.parameters = parameters;
            this.suffix = suffix;
        }

        /** Without its result, as it stands before what is local to it. */
        CppNode scope() {
            return new Encoding(null, name, parameters, suffix, nested, templateArguments);
        }

        /** Whether the name is qualified: then its address is written without parameters. */
        boolean isNested() {
            return nested;
        }

        CppNode name() {
            return name;
        }

        @Override
        void printLeft(NameOutput out) {
            List<CppNode> outer = out.templateArguments;
            out.templateArguments = templateArguments;
            if (out.brief) {
                name.print(out);
            } else {
                printAll(out);
            }
            out.templateArguments = outer;
        }

        private void printAll(NameOutput out) {
            if (result != null) {
                result.left(out);
                if (result.rightKind(out) == 0) {
                    out.add(" ");
                }
            }
            name.print(out);
            out.add("(");
            list(parameters, out);
            out.add(")");
            if (result != null) {
                result.right(out);
            }
            out.add(suffix);
        }
    }
}
