package io.flarepath.symbolizer.binary;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names: nested, local, templates, operators, constructors, lambdas (Itanium ABI, 5.1.2–5.1.4). */
abstract class CppNames extends CppExpressions {
    private static final String STRING_ARGUMENTS =
            "<char, std::char_traits<char>, std::allocator<char> >";

    /** What a name tells about the function that it names. */
    static final class NameKind {
        /** Constructors, destructors and conversions mangle no result type. */
        boolean withoutResult;

        boolean endsWithArguments;
        String suffix = "";
    }

    CppNames(String text) {
        super(text);
    }

    abstract CppNode encoding();

    @Override
    final CppNode mangledName() {
        return encoding();
    }

    @Override
    final CppNode className() {
        return name(null);
    }

    final CppNode name(@Nullable NameKind kind) {
        enter();
        CppNode name = nameUnchecked(kind);
        leave();
        return name;
    }

    private CppNode nameUnchecked(@Nullable NameKind kind) {
        char c = peek();
        if (c == 'N') {
            return nested(kind);
        }
        if (c == 'Z') {
            return local(kind);
        }
        CppNode name;
        boolean known = c == 'S' && peek(1) != 't';
        if (known) {
            name = substitution();
            if (peek() != 'I') {
                return name;
            }
        } else {
            boolean std = take("St");
            name = unqualified(CppNode.text(""), kind);
            name = std ? CppNode.row(CppNode.text("std::"), name) : name;
        }
        if (peek() == 'I') {
            if (!known) {
                substitutable(name);
            }
            name = new CppTemplateNodes.Template(name, templateArguments(kind != null));
            if (kind != null) {
                kind.endsWithArguments = true;
            }
        }
        return name;
    }

    private CppNode nested(@Nullable NameKind kind) {
        expect('N');
        String suffix = qualifiers();
        suffix += take('R') ? " &" : take('O') ? " &&" : "";
        if (kind != null) {
            kind.suffix = suffix;
        }
        CppNode scope = null;
        boolean added = false;
        while (!take('E')) {
            char c = peek();
            if (c == 'M' && scope != null) {
                // Ends the name of a data member, in which a lambda stands; adds nothing.
                position++;
                continue;
            }
            added = true;
            if (c == 'I' && scope != null) {
                scope = new CppTemplateNodes.Template(scope, templateArguments(kind != null));
                note(kind, true, false);
            } else if (c == 'S' && peek(1) != 't' && scope == null) {
                scope = substitution();
                added = false;
            } else if (c == 'T' && scope == null) {
                scope = templateParameter();
            } else if (c == 'D' && (peek(1) == 't' || peek(1) == 'T')) {
                scope = decltype();
            } else if (take("St")) {
                scope = CppNode.text("std", "std");
                added = false;
            } else {
                note(kind, false, false);
                CppNode owner = scope == null ? CppNode.text("") : scope;
                CppNode part = unqualified(owner, kind);
                scope = scope == null ? part : CppNode.row(scope, CppNode.text("::"), part);
            }
            if (added) {
                substitutable(scope);
            }
        }
        if (scope == null || !added) {
            throw bad("empty nested name");
        }
        // The whole is a candidate only as a type, which adds it itself.
        substitutions.remove(substitutions.size() - 1);
        return scope;
    }

    private static void note(@Nullable NameKind kind, boolean arguments, boolean withoutResult) {
        if (kind != null) {
            kind.endsWithArguments = arguments;
            kind.withoutResult = arguments ? kind.withoutResult : withoutResult;
        }
    }

    private CppNode local(@Nullable NameKind kind) {
        expect('Z');
        CppNode function = encoding();
        if (function instanceof CppTypeNodes.Encoding encoding) {
            function = encoding.scope();
        }
        expect('E');
        CppNode separator = CppNode.text("::");
        if (take('s')) {
            discriminator();
            return CppNode.row(function, separator, CppNode.text("string literal"));
        }
        if (take('d')) {
            int argument = isDigit(peek()) ? number() + 2 : 1;
            expect('_');
            separator = CppNode.text("::{default arg#" + argument + "}::");
        }
        CppNode entity = name(kind);
        discriminator();
        return CppNode.row(function, separator, entity);
    }

    private void discriminator() {
        if (peek() != '_') {
            return;
        }
        if (peek(1) == '_' && isDigit(peek(2))) {
            position += 2;
            number();
            expect('_');
        } else if (isDigit(peek(1))) {
            position += 2;
        }
    }

    @Override
    final CppNode unqualifiedName(CppNode scope) {
        return unqualified(scope, null);
    }

    private CppNode unqualified(CppNode scope, @Nullable NameKind kind) {
        enter();
        take('L');
        char c = peek();
        CppNode name;
        if (isDigit(c)) {
            String source = sourceName();
            name = CppNode.text(source, source);
        } else if (c == 'U' && (peek(1) == 'l' || peek(1) == 't')) {
            name = unnamed();
        } else if (c == 'D' && peek(1) == 'C') {
            name = structuredBinding();
        } else if (c == 'C' || (c == 'D' && peek(1) >= '0' && peek(1) <= '5')) {
            name = constructor(scope);
            note(kind, false, true);
        } else {
            name = operatorName(kind);
        }
        while (take('B')) {
            String tag = "[abi:" + sourceName() + "]";
            name = CppNode.row(name, CppNode.text(tag, name.baseName()));
        }
        leave();
        return name;
    }

    private CppNode constructor(CppNode scope) {
        boolean destructor = next() == 'D';
        boolean inherited = !destructor && take('I');
        next();
        String base = (inherited ? type() : scope).baseName();
        if (base.isEmpty()) {
            throw bad("constructor without a class");
        }
        return CppNode.text((destructor ? "~" : "") + base, base);
    }

    private CppNode structuredBinding() {
        position += 2;
        List<CppNode> names = new ArrayList<>();
        while (!take('E')) {
            names.add(CppNode.text(sourceName()));
        }
        return new CppNode() {
            @Override
            void printLeft(NameOutput out) {
                out.add("[");
                list(names, out);
                out.add("]");
            }
        };
    }

    private CppNode unnamed() {
        position += 2;
        if (text.charAt(position - 1) == 't') {
            String name = "{unnamed type#" + (index() + 1) + "}";
            return CppNode.text(name, name);
        }
        lambdaDepth++;
        List<CppNode> parameters = parameters();
        lambdaDepth--;
        expect('E');
        int number = index() + 1;
        return new CppNode() {
            @Override
            void printLeft(NameOutput out) {
                if (out.brief) {
                    out.add("{lambda#" + number + "}");
                    return;
                }
                out.add("{lambda(");
                out.lambdas++;
                list(parameters, out);
                out.lambdas--;
                out.add(")#" + number + "}");
            }

            // For its constructors c++filt takes whatever name came last.
            @Override
            String baseName() {
                return "{lambda#" + number + "}";
            }
        };
    }

    private CppNode operatorName(@Nullable NameKind kind) {
        if (take("cv")) {
            boolean outer = inConversion;
            inConversion = kind != null && lambdaDepth == 0;
            CppNode type = type();
            inConversion = outer;
            note(kind, false, true);
            return CppNode.prefixed("operator ", type);
        }
        if (take("li")) {
            return CppNode.text("operator\"\" " + sourceName());
        }
        String code = "" + next() + next();
        CppOperators.Operator operator = CppOperators.byCode(code);
        if (operator == null) {
            throw bad("unknown operator " + code);
        }
        boolean word = Character.isLetter(operator.name().charAt(0));
        String name = "operator" + (word ? " " : "") + operator.name();
        return CppNode.text(name, name);
    }

    @Override
    final List<CppNode> templateArguments(boolean ofFunction) {
        expect('I');
        List<CppNode> arguments = new ArrayList<>();
        List<CppNode> outer = templateParameters;
        if (ofFunction) {
            templateParameters = arguments; // later arguments may name earlier ones
        }
        int lambdas = lambdaDepth;
        while (!take('E')) {
            arguments.add(templateArgument());
        }
        lambdaDepth = lambdas;
        if (!ofFunction) {
            templateParameters = outer;
        }
        return arguments;
    }

    final CppNode templateArgument() {
        enter();
        CppNode argument;
        if (take('X')) {
            argument = expression();
            expect('E');
        } else if (peek() == 'L') {
            argument = literal();
        } else if (take('J')) {
            List<CppNode> elements = new ArrayList<>();
            while (!take('E')) {
                elements.add(templateArgument());
            }
            argument = new CppTemplateNodes.ArgumentPack(elements);
        } else {
            argument = type();
        }
        leave();
        return argument;
    }

    @Override
    final CppNode substitution() {
        expect('S');
        char c = peek();
        if (c == '_' || isDigit(c) || (c >= 'A' && c <= 'Z')) {
            int index = base36Index();
            if (index >= substitutions.size()) {
                throw bad("a substitution names nothing");
            }
            return substitutions.get(index);
        }
        position++;
        CppNode known =
                switch (c) {
                    case 'a' -> CppNode.text("std::allocator", "allocator");
                    case 'b' -> CppNode.text("std::basic_string", "basic_string");
                    case 's' -> standard("basic_string", STRING_ARGUMENTS);
                    case 'i' -> standard("basic_istream", "<char, std::char_traits<char> >");
                    case 'o' -> standard("basic_ostream", "<char, std::char_traits<char> >");
                    case 'd' -> standard("basic_iostream", "<char, std::char_traits<char> >");
                    default -> throw bad("unknown substitution S" + c);
                };
        if (peek() != 'B') {
            return known;
        }
        CppNode tagged = known;
        while (take('B')) {
            String tag = "[abi:" + sourceName() + "]";
            tagged = CppNode.row(tagged, CppNode.text(tag, known.baseName()));
        }
        return substitutable(tagged);
    }

    private static CppNode standard(String base, String arguments) {
        return CppNode.text("std::" + base + arguments, base);
    }
}
