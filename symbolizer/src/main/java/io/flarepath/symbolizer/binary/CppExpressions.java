package io.flarepath.symbolizer.binary;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Expressions in template arguments and decltype (Itanium C++ ABI, 5.1.6). */
abstract class CppExpressions extends CppTypes {
    /** Literals of these types are written with a suffix, the others with a cast. */
    private static final java.util.Map<String, String> SUFFIXES =
            Map.of(
                    "int",
                    "",
                    "unsigned int",
                    "u",
                    "long",
                    "l",
                    "unsigned long",
                    "ul",
                    "long long",
                    "ll",
                    "unsigned long long",
                    "ull");

    CppExpressions(String text) {
        super(text);
    }

    abstract CppNode mangledName();

    abstract CppNode unqualifiedName(CppNode scope);

    @Override
    final CppNode expression() {
        enter();
        CppNode expression = expressionUnchecked();
        leave();
        return expression;
    }

    private CppNode expressionUnchecked() {
        char c = peek();
        if (c == 'L') {
            return literal();
        }
        if (c == 'T') {
            return templateParameter();
        }
        if (c == 'f' && (peek(1) == 'p' || peek(1) == 'L')) {
            return functionParameter();
        }
        if (c == 's' && peek(1) == 'r') {
            return unresolvedName();
        }
        if (c == 's' && peek(1) == 'p') {
            position += 2;
            return new CppTemplateNodes.Expansion(expression());
        }
        if (isDigit(c) || (c == 'o' && peek(1) == 'n')) {
            return simpleName();
        }
        if ((c == 'i' || c == 't') && peek(1) == 'l') {
            return initializerList();
        }
        if (c == 'c' && peek(1) == 'v') {
            return conversion();
        }
        if (c == 'c' && peek(1) == 'l') {
            position += 2;
            CppNode callee = expression();
            return CppNode.row(operand(callee), call(expressions()));
        }
        return operator();
    }

    private CppNode functionParameter() {
        position += 2;
        if (text.charAt(position - 1) == 'L') {
            number();
            expect('p');
        }
        if (take('T')) {
            return CppNode.text("this");
        }
        qualifiers();
        return new Plain(CppNode.text("{parm#" + (index() + 1) + "}"));
    }

    private List<CppNode> expressions() {
        List<CppNode> expressions = new ArrayList<>();
        while (!take('E')) {
            expressions.add(expression());
        }
        return expressions;
    }

    private static CppNode call(List<CppNode> arguments) {
        return new CppNode() {
            @Override
            void printLeft(NameOutput out) {
                out.add("(");
                list(arguments, out);
                out.add(")");
            }
        };
    }

    private CppNode simpleName() {
        take("on");
        CppNode name = unqualifiedName(CppNode.text(""));
        return peek() == 'I'
                ? new CppTemplateNodes.Template(name, templateArguments(false))
                : new Plain(name);
    }

    private CppNode unresolvedName() {
        position += 2;
        CppNode scope;
        boolean levels = isDigit(peek());
        if (levels || take('N')) {
            scope = levels ? simpleName() : type();
            while (!take('E')) {
                scope = CppNode.row(scope, CppNode.text("::"), simpleName());
            }
        } else {
            scope = type();
        }
        CppNode last = simpleName();
        CppNode whole = CppNode.row(scope, CppNode.text("::"), last);
        return last instanceof Plain ? new Plain(whole) : whole;
    }

    private CppNode initializerList() {
        boolean typed = next() == 't';
        position++;
        CppNode type = typed ? type() : CppNode.text("");
        List<CppNode> elements = expressions();
        return new Plain(
                new CppNode() {
                    @Override
                    void printLeft(NameOutput out) {
                        type.print(out);
                        out.add("{");
                        list(elements, out);
                        out.add("}");
                    }
                });
    }

    private CppNode conversion() {
        position += 2;
        CppNode type = type();
        CppNode shown = take('_') ? call(expressions()) : operand(expression());
        return CppNode.row(CppNode.text("("), type, CppNode.text(")"), shown);
    }

    private CppNode operator() {
        boolean global = take("gs");
        String code = "" + next() + next();
        CppOperators.Operator operator = CppOperators.byCode(code);
        if (operator == null || global) {
            throw bad("unknown operator " + code);
        }
        String name = operator.name();
        return switch (code) {
            case "st", "at", "ti" ->
                    CppNode.row(CppNode.text(name + " ("), type(), CppNode.text(")"));
            case "sc", "cc", "dc", "rc" -> {
                CppNode type = type();
                CppNode cast = CppNode.row(CppNode.text(name + "<"), type, CppNode.text(">("));
                yield CppNode.row(cast, expression(), CppNode.text(")"));
            }
            case "sZ", "sP" ->
                    CppNode.row(CppNode.text(name + "("), expression(), CppNode.text(")"));
            case "ix" -> {
                CppNode array = operand(expression());
                yield CppNode.row(array, CppNode.text("["), expression(), CppNode.text("]"));
            }
            case "dt", "pt" -> {
                CppNode object = operand(expression());
                yield CppNode.row(object, CppNode.text(name), simpleName());
            }
            case "pp", "mm" -> {
                boolean prefix = take('_');
                CppNode operand = operand(expression());
                CppNode sign = CppNode.text(name);
                yield prefix ? CppNode.row(sign, operand) : CppNode.row(operand, sign);
            }
            default -> operator(code, name, operator.operands());
        };
    }

    private CppNode operator(String code, String name, int operands) {
        return switch (operands) {
            case 0 -> CppNode.text(name);
            case 1 -> unary(code, name);
            case 2 -> binary(code, name);
            default -> {
                if (!code.equals("qu")) {
                    throw bad("unknown operator " + code);
                }
                CppNode condition = operand(expression());
                CppNode then = operand(expression());
                CppNode otherwise = operand(expression());
                yield CppNode.row(
                        condition, CppNode.text("?"), then, CppNode.text(" : "), otherwise);
            }
        };
    }

    private CppNode unary(String code, String name) {
        CppNode value = expression();
        if (code.equals("ad")
                && value instanceof CppTypeNodes.Encoding function
                && function.isNested()) {
            return CppNode.row(CppNode.text("&"), function.name());
        }
        boolean word = Character.isLetter(name.charAt(0));
        return CppNode.row(CppNode.text(word ? name + " " : name), operand(value));
    }

    private CppNode binary(String code, String name) {
        CppNode left = operand(expression());
        CppNode right = operand(expression());
        CppNode whole = CppNode.row(left, CppNode.text(name), right);
        // Otherwise it would end the template arguments.
        return code.equals("gt") ? CppNode.row(CppNode.text("("), whole, CppNode.text(")")) : whole;
    }

    /** An expression that needs no parentheses as an operand. */
    static final class Plain extends CppNode {
        private final CppNode node;

        Plain(CppNode node) {
            this.node = node;
        }

        @Override
        void printLeft(NameOutput out) {
            node.print(out);
        }
    }

    private static CppNode operand(CppNode node) {
        return node instanceof Plain
                ? node
                : CppNode.row(CppNode.text("("), node, CppNode.text(")"));
    }

    final CppNode literal() {
        expect('L');
        if (peek() == '_' || peek() == 'Z') {
            take('_');
            expect('Z');
            CppNode name = mangledName();
            expect('E');
            return name;
        }
        CppNode type = type();
        String value = (take('n') ? "-" : "") + until('E');
        String plain = type.toString();
        if (plain.equals("bool") && (value.equals("0") || value.equals("1"))) {
            return CppNode.text(value.equals("1") ? "true" : "false");
        }
        String suffix = SUFFIXES.get(plain);
        if (suffix != null) {
            return CppNode.text(value + suffix);
        }
        boolean floating = plain.equals("float") || plain.equals("double");
        String shown = floating ? "[" + value + "]" : value;
        return CppNode.row(CppNode.text("("), type, CppNode.text(")" + shown));
    }

    private String until(char end) {
        int start = position;
        while (next() != end) {
            // the value of a literal has no structure
        }
        return text.substring(start, position - 1);
    }
}
